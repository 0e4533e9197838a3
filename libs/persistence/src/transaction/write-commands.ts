import mongoose, { type mongo } from 'mongoose';
import type { Stored } from '../store/stored-rows.js';
import type { TransactionScope } from './transaction-scope.js';

/** Of one command: a message takes 48 MB. */
const MAX_DOCUMENTS = 500;

type Place = Pick<TransactionScope, 'db' | 'session'>;

/**
 * Inserts documents in the transaction. By the server's command: the driver's bulk writes serialise each document twice to learn its size.
 *
 * @throws MongoServerError, as the driver's own inserts do
 */
export async function insertAll<T extends Stored>({ db, session }: Place, { collectionName }: mongo.Collection<T>, documents: readonly T[]): Promise<void> {
  for (const some of parts(documents)) await run(db, { insert: collectionName, documents: some, ordered: false }, session);
}

/**
 * Replaces documents that are there, by their `_id`; gives how many were.
 *
 * @throws MongoServerError
 */
export async function replaceAll<T extends Stored>({ db, session }: Place, { collectionName }: mongo.Collection<T>, documents: readonly T[]): Promise<number> {
  let matched = 0;
  for (const some of parts(documents)) {
    const { n } = await run(db, { update: collectionName, updates: some.map((document) => ({ q: { _id: document._id }, u: document })), ordered: false }, session);
    matched += n;
  }
  return matched;
}

function* parts<T>(documents: readonly T[]): Generator<T[]> {
  for (let start = 0; start < documents.length; start += MAX_DOCUMENTS) yield documents.slice(start, start + MAX_DOCUMENTS);
}

/** A command that wrote a part only answers as if all were well: its errors lie in the answer. */
async function run(db: mongo.Db, command: mongo.Document, session: mongo.ClientSession): Promise<{ n: number }> {
  const answer = (await db.command(command, { session })) as { n: number; writeErrors?: mongo.Document[] };
  const [error] = answer.writeErrors ?? [];
  if (error !== undefined) throw new mongoose.mongo.MongoServerError(error);
  return answer;
}
