import type { StoreTransaction } from '@firsthand/pipeline';
import type { mongo } from 'mongoose';
import type { Collections } from '../store/collections.js';
import { changeRows } from '../changes/change-rows.js';
import { audienceRows } from './audience-rows.js';
import { consentRows } from './consent-rows.js';
import { deliveryRows } from './delivery-rows.js';
import { erasureRows } from './erasure-rows.js';
import { eventRows } from './event-rows.js';
import { flowRows } from './flow-rows.js';
import { stepCountRows } from './step-count-rows.js';
import { inFlightRows } from './in-flight-rows.js';
import { journalRows } from './journal-rows.js';
import { oneAtATime } from './one-at-a-time.js';
import { personRows } from './person-rows.js';
import { pushGateRows } from './push-gate-rows.js';
import { quarantineRows } from './quarantine-rows.js';
import { runTransaction } from './run-transaction.js';
import { syncRows } from './sync-rows.js';
import type { TransactionScope } from './transaction-scope.js';

/** More rows than any read of a transaction gives. */
const ONE_PAGE = 100_000;

/** The pipeline's transaction on MongoDB. */
export function runStoreTransaction<T>(
  { client, db, collections, rawRetentionMs }: { client: mongo.MongoClient; db: mongo.Db; collections: Collections; rawRetentionMs: number },
  work: (tx: StoreTransaction) => Promise<T>,
): Promise<T> {
  return runTransaction(client, async (session) => {
    const scope: TransactionScope = { db, collections, session, read: { session, batchSize: ONE_PAGE }, rawRetentionMs };
    const { serial, settled } = oneAtATime<StoreTransaction>({
      ...eventRows(scope), ...personRows(scope), ...consentRows(scope), ...erasureRows(scope), ...deliveryRows(scope), ...audienceRows(scope), ...flowRows(scope), ...stepCountRows(scope), ...inFlightRows(scope), ...journalRows(scope), ...quarantineRows(scope), ...changeRows(scope), ...pushGateRows(scope), ...syncRows(scope),
    });
    try {
      return await work(serial);
    } finally {
      await settled();
    }
  });
}
