import { setTimeout as delay } from 'node:timers/promises';
import mongoose, { type mongo } from 'mongoose';
import { isLostRace, storeFailure } from '../store/store-failure.js';

const { MongoError } = mongoose.mongo;
const OPTIONS: mongo.TransactionOptions = { readConcern: { level: 'snapshot' }, writeConcern: { w: 'majority' }, readPreference: 'primary' };
const MAX_TIME_EXPIRED = 50;
/** A commit whose answer got lost is asked for again this often. */
const COMMIT_TRIES = 3;
const FIRST_BACKOFF_MS = 5;
const MAX_BACKOFF_MS = 200;

/**
 * Runs `work` in a transaction with snapshot reads and majority writes. On a write conflict (112), a duplicate key (11000) or a passing
 * failure of the server, the whole work runs again, up to `attempts` times in all; any other error aborts and is thrown at once.
 * The driver's own `withTransaction` does not repeat on 11000, and it is what two transactions get that insert the same person.
 *
 * @throws FirsthandError UNAVAILABLE when MongoDB is away, CONFLICT when the last attempt lost its race too
 */
export async function runTransaction<T>(client: mongo.MongoClient, work: (session: mongo.ClientSession) => Promise<T>, attempts = 8): Promise<T> {
  const session = client.startSession();
  try {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await runOnce(session, work);
      } catch (error) {
        if (attempt >= attempts || !isLostRace(error)) throw error;
      }
      // Jitter, or the same two would meet again.
      await delay(Math.random() * Math.min(FIRST_BACKOFF_MS * 2 ** attempt, MAX_BACKOFF_MS));
    }
  } catch (error) {
    throw storeFailure(error);
  } finally {
    await session.endSession();
  }
}

async function runOnce<T>(session: mongo.ClientSession, work: (session: mongo.ClientSession) => Promise<T>): Promise<T> {
  session.startTransaction(OPTIONS);
  let result: T;
  try {
    result = await work(session);
  } catch (error) {
    // The server has often aborted by itself; the reason to tell is the work's.
    await session.abortTransaction().catch(() => undefined);
    throw error;
  }
  await commit(session);
  return result;
}

async function commit(session: mongo.ClientSession): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await session.commitTransaction();
      return;
    } catch (error) {
      const isUnknown = error instanceof MongoError && error.hasErrorLabel('UnknownTransactionCommitResult') && error.code !== MAX_TIME_EXPIRED;
      // Committing again is safe: the server knows whether it has been done.
      if (!isUnknown || attempt >= COMMIT_TRIES) throw error;
    }
  }
}
