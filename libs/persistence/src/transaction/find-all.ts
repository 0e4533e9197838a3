import mongoose, { type mongo } from 'mongoose';
import type { Stored } from '../store/stored-rows.js';
import type { TransactionScope } from './transaction-scope.js';

const { Long } = mongoose.mongo;

/** What a reply says of its cursor; more is to come unless `id` is 0. */
interface Page<T> {
  id: number | mongo.Long;
  firstBatch?: T[];
  nextBatch?: T[];
}

/**
 * Reads documents in the transaction, all of them. By the server's command: the driver's cursors take each document of a reply apart twice. Outside a transaction it is a cursor all the same, for the driver
 * repeats what an election has broken off.
 *
 * @throws MongoServerError, as the driver's own reads do
 */
export async function findAll<T extends Stored>({ db, session, read }: Pick<TransactionScope, 'db' | 'session' | 'read'>, collection: mongo.Collection<T>, filter: mongo.Filter<T>, options: { projection?: mongo.Document; hint?: mongo.Document } = {}): Promise<T[]> {
  if (!session.inTransaction()) return collection.find(filter, { ...read, ...options }).toArray() as Promise<T[]>;
  const ask = async (command: mongo.Document): Promise<Page<T>> => (await db.command(command, { session })).cursor as Page<T>;
  let page = await ask({ find: collection.collectionName, filter, ...options, batchSize: read.batchSize });
  const found = page.firstBatch ?? [];
  // A reply takes 16 MB.
  while (Number(page.id) !== 0) {
    page = await ask({ getMore: Long.fromValue(page.id), collection: collection.collectionName, batchSize: read.batchSize });
    found.push(...(page.nextBatch ?? []));
  }
  return found;
}
