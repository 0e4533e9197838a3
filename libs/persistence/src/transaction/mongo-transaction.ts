import type { StoreReads, StoreTransaction } from '@firsthand/pipeline';
import type { mongo } from 'mongoose';
import type { Collections } from '../store/collections.js';
import { changeRows } from '../changes/change-rows.js';
import { storeFailure } from '../store/store-failure.js';
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
import { sharedRows } from './shared-rows.js';
import { syncRows } from './sync-rows.js';
import type { TransactionScope } from './transaction-scope.js';

/** More rows than any read of a transaction gives. */
const ONE_PAGE = 100_000;

/** Where rows are, and how. */
export interface StorePlace {
  client: mongo.MongoClient;
  db: mongo.Db;
  collections: Collections;
  rawRetentionMs: number;
}

/** The pipeline's transaction on MongoDB. The scope is for rows that are not the pipeline's own: they are read and written one call after the other, as all of a session. */
export function runStoreTransaction<T>({ client, db, collections, rawRetentionMs }: StorePlace, work: (tx: StoreTransaction, scope: TransactionScope) => Promise<T>): Promise<T> {
  return runTransaction(client, async (session) => {
    const scope: TransactionScope = { db, collections, session, read: { session, batchSize: ONE_PAGE }, rawRetentionMs };
    const { serial, settled } = oneAtATime<StoreTransaction>({
      ...eventRows(scope), ...personRows(scope), ...sharedRows(scope), ...consentRows(scope), ...erasureRows(scope), ...deliveryRows(scope), ...audienceRows(scope), ...flowRows(scope), ...stepCountRows(scope), ...inFlightRows(scope), ...journalRows(scope), ...quarantineRows(scope), ...changeRows(scope), ...pushGateRows(scope), ...syncRows(scope),
    });
    try {
      return await work(serial, scope);
    } finally {
      await settled();
    }
  });
}

/**
 * The pipeline's reads of one moment on MongoDB, in a snapshot session. A transaction that only reads would wait at its commit until all that was written by others before is safe on a majority
 * (https://www.mongodb.com/docs/manual/core/read-isolation-consistency-recency/); a snapshot is of what is safe already.
 */
export async function readStoreSnapshot<T>({ client, db, collections, rawRetentionMs }: StorePlace, work: (reads: StoreReads) => Promise<T>): Promise<T> {
  const session = client.startSession({ snapshot: true });
  const scope: TransactionScope = { db, collections, session, read: { session, batchSize: ONE_PAGE }, rawRetentionMs };
  const { findIdentities, findProfiles, findIdentityLinksOf, findJournal, findIdentitiesOf } = personRows(scope);
  const { findMarked } = sharedRows(scope);
  const { findConsentStates, findConsentRecords } = consentRows(scope);
  const { countPending } = deliveryRows(scope);
  const { serial, settled } = oneAtATime<StoreReads>({ findIdentities, findMarked, findProfiles, findIdentityLinksOf, findConsentStates, countPending, findJournal, findIdentitiesOf, findConsentRecords });
  try {
    return await work(serial);
  } catch (error) {
    throw storeFailure(error);
  } finally {
    await settled();
    await session.endSession();
  }
}
