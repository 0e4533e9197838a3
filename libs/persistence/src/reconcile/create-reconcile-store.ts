import { DIFFERENT_REASONS, EXTRA_REASONS, FirsthandError, MISSING_REASONS, repairOf, type CopyDecision, type CopyFinding } from '@firsthand/domain';
import type { ReconcileStore } from '@firsthand/pipeline';
import type { Connection, mongo } from 'mongoose';
import { collectionsOf } from '../store/collections.js';
import { isDuplicateKey } from '../store/store-failure.js';
import { ownKey } from '../store/store-key.js';
import type { StoredFinding } from '../store/stored-rows.js';
import { withStoreFailures } from '../store/with-store-failures.js';
import { runStoreTransaction } from '../transaction/mongo-transaction.js';
import { runTransaction } from '../transaction/run-transaction.js';
import { keptUntil, reconcileRow, reconcileRows } from './reconcile-rows.js';

export { findingRow, reconcileRow } from './reconcile-rows.js';

const CLEARED = 2_000;
const DAY_MS = 86_400_000;
const REASONS: readonly Pick<CopyFinding, 'kind' | 'reason'>[] = Object.entries({ different: DIFFERENT_REASONS, missing: MISSING_REASONS, extra: EXTRA_REASONS })
  .flatMap(([kind, reasons]) => reasons.map((reason) => ({ kind: kind as CopyFinding['kind'], reason })));

/**
 * Reconciles on MongoDB. One of a connection goes on at a time: a unique index over those that go on sees to it.
 *
 * @throws FirsthandError UNAVAILABLE, from every method, when MongoDB is away
 * @example const worker = createReconcileWorker({ reconciles: createReconcileStore(connection), ingest, doorbell, configuration, clock, http, pluginLog, tombstones, holder });
 */
export function createReconcileStore(connection: Connection, { rawRetentionDays = 30 }: { rawRetentionDays?: number } = {}): ReconcileStore {
  const client = connection.getClient();
  const db = client.db(connection.name);
  const collections = collectionsOf(connection);
  const { reconciles, reconcileFindings, reconcileSeen } = collections;
  const inTransaction: ReconcileStore['transaction'] = (work) => (
    runStoreTransaction({ client, db, collections, rawRetentionMs: rawRetentionDays * DAY_MS }, (tx, scope) => work({ ...tx, ...reconcileRows(scope) })));
  const decided = (reconcileId: string, repairs: readonly string[]) => (
    { workspaceId: workspaceOf(reconcileId), reconcileId, state: 'decided', repair: { $in: repairs } }) as mongo.Filter<StoredFinding>;

  return withStoreFailures<ReconcileStore>({
    async begin({ reconcileId, ...row }) {
      try {
        await reconciles.insertOne({ _id: ownKey(row.workspaceId, reconcileId), schemaVersion: 1, ...row, holder: null, until: 0, fence: 0, expireAt: keptUntil(row.startedAt) });
        return true;
      } catch (error) {
        if (isDuplicateKey(error)) return false;
        throw error;
      }
    },

    async claim({ now, until, holder }) {
      const row = await reconciles.findOneAndUpdate(
        { dueAt: { $lte: now, $gt: 0 }, $or: [{ until: { $lte: now } }, { holder }] }, { $set: { holder, until }, $inc: { fence: 1 } }, { sort: { dueAt: 1 }, returnDocument: 'after' },
      );
      return row === null ? null : { row: reconcileRow(row), fence: row.fence };
    },

    async release({ row: { reconcileId }, fence }, dueAt) {
      await reconciles.updateOne({ _id: reconcileId, fence, dueAt: { $gt: 0 } }, { $set: { dueAt, holder: null, until: 0 } });
    },

    async cancel(reconcileId, now) {
      // The fence moves on: a page under way is rolled back, or was committed before.
      const row = await reconciles.findOneAndUpdate({ _id: reconcileId, dueAt: { $gt: 0 } }, { $set: { dueAt: null, end: { at: now, as: 'cancelled' }, holder: null, until: 0 }, $inc: { fence: 1 } }, { returnDocument: 'after' });
      return row === null ? undefined : reconcileRow(row);
    },

    decide: ({ reconcileId, workspaceId, connectionId }, { findingIds, kind }, decision, now) => runTransaction(client, async (session) => {
      const goingOn = await reconciles.findOne({ workspaceId, connectionId, dueAt: { $gt: 0 } }, { session, projection: { _id: 1 } });
      if (goingOn !== null) throw new FirsthandError('CONFLICT', 'A reconcile of the connection is under way: decide when it has ended.');
      const waiting = { workspaceId, reconcileId, state: 'open' as const, ...(kind === undefined ? {} : { kind }), ...(findingIds === undefined ? {} : { _id: { $in: [...findingIds] } }) };
      const { modifiedCount } = await reconcileFindings.updateMany(waiting, [{ $set: { state: 'decided', decision: { $literal: decision }, decidedAt: { $literal: now }, repair: repairExpression(decision) } }], { session });
      if (modifiedCount > 0) await reconciles.updateOne({ _id: reconcileId }, { $set: { step: 'repair', cursor: null, failures: 0, dueAt: now, end: null, holder: null, until: 0, expireAt: keptUntil(now) }, $inc: { fence: 1 } }, { session });
      return modifiedCount;
    }),

    async outdate(reconcileId, repairs, now) {
      return (await reconcileFindings.updateMany(decided(reconcileId, repairs), { $set: { state: 'outdated', decidedAt: now } })).modifiedCount;
    },

    hasDecided: async (reconcileId, repairs) => (await reconcileFindings.findOne(decided(reconcileId, repairs), { projection: { _id: 1 } })) !== null,

    async clearSeen(reconcileId) {
      const found = await reconcileSeen.find({ _id: { $gt: `${reconcileId}|`, $lt: `${reconcileId}}` } }, { sort: { _id: 1 }, limit: CLEARED, projection: { _id: 1 } }).toArray();
      if (found.length > 0) await reconcileSeen.deleteMany({ _id: { $in: found.map(({ _id }) => _id) } });
      return found.length < CLEARED;
    },

    transaction: inTransaction,
  });
}

function workspaceOf(reconcileId: string): string {
  return reconcileId.slice(0, reconcileId.indexOf('|'));
}

/** {@link repairOf} over the stored kinds and reasons, so that a decision on very many is one command. */
function repairExpression(decision: CopyDecision): mongo.Document {
  const branches = REASONS.map(({ kind, reason }) => ({ case: { $and: [{ $eq: ['$kind', kind] }, { $eq: ['$reason', reason] }] }, then: { $literal: repairOf({ kind, reason }, decision) } }));
  return { $switch: { branches, default: { $literal: 'none' } } };
}
