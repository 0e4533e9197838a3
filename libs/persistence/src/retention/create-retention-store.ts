import { FenceLost, RETENTION_STEPS, type RetentionLease, type RetentionRow, type RetentionStep, type RetentionStore } from '@firsthand/pipeline';
import type { Connection, mongo } from 'mongoose';
import { collectionsOf } from '../store/collections.js';
import { isDuplicateKey } from '../store/store-failure.js';
import { storeKey } from '../store/store-key.js';
import type { StoredRetention } from '../store/stored-rows.js';
import { withStoreFailures } from '../store/with-store-failures.js';
import { runTransaction } from '../transaction/run-transaction.js';
import { forgetEvents, forgetRefused } from './forget-events.js';
import { bringForward, forgetDeliveries, forgetMerged, forgetQuarantined } from './forget-rows.js';
import type { RetentionPart, RetentionScope } from './retention-part.js';

/** What each step does, a part at a time. */
const PARTS: Record<RetentionStep, (scope: RetentionScope) => Promise<RetentionPart>> = {
  people: bringForward, events: forgetEvents, refused: forgetRefused, merges: forgetMerged, quarantine: forgetQuarantined, deliveries: forgetDeliveries,
};

/**
 * Sweeps of what may be kept no longer, on MongoDB.
 *
 * @throws FirsthandError UNAVAILABLE, from every method, when MongoDB is away
 * @example const sweep = createRetentionSweep({ retention: createRetentionStore(connection), configuration, clock, holder, days, report });
 */
export function createRetentionStore(connection: Connection): RetentionStore {
  const client = connection.getClient();
  const collections = collectionsOf(connection);
  const { retentionSweeps, profiles } = collections;
  return withStoreFailures<RetentionStore>({
    async claim({ workspaceId, now, until, holder }) {
      const row = await retentionSweeps.findOneAndUpdate(
        { _id: keyOf(workspaceId), $or: [{ until: { $lte: now } }, { holder }] },
        { $set: { holder, until }, $inc: { fence: 1 }, $setOnInsert: { schemaVersion: 1, ...newRow(workspaceId) } }, { upsert: true, returnDocument: 'after' },
      ).catch((error: unknown) => {
        // It is there, and another's.
        if (isDuplicateKey(error)) return null;
        throw error;
      });
      return row === null ? null : { row: retentionRow(row), fence: row.fence };
    },

    work: (lease, { configuration, days, now, until }) => runTransaction(client, async (session) => {
      const { row } = lease;
      if (row.step === null || row.step === 'report') return row;
      const next = advance(row, await PARTS[row.step]({ collections, session, row, configuration, days, now }));
      await updateOwn(retentionSweeps, lease, { ...next, until }, session);
      return next;
    }),

    save: (lease, row) => updateOwn(retentionSweeps, lease, { ...row, ...(row.step === null ? { holder: null, until: 0 } : {}) }),

    async find(workspaceId) {
      const row = await retentionSweeps.findOne({ _id: keyOf(workspaceId) });
      return row === null ? undefined : retentionRow(row);
    },

    countOverdue: (workspaceId, before) => profiles.countDocuments({ dueAt: { $gt: 0, $lt: before }, workspaceId }),
  });
}

function keyOf(workspaceId: string): string {
  return storeKey(workspaceId, 'retention');
}

function newRow(workspaceId: string): RetentionRow {
  return { workspaceId, rules: '', day: 0, since: null, fullAt: 0, step: null, cursor: null, startedAt: 0, counts: {}, last: null };
}

function retentionRow({ _id, schemaVersion, holder, until, fence, ...row }: StoredRetention): RetentionRow {
  return row;
}

function advance(row: RetentionRow, { counts = {}, next }: RetentionPart): RetentionRow {
  const sums = { ...row.counts };
  for (const [name, count] of Object.entries(counts)) sums[name] = (sums[name] ?? 0) + count;
  if (next !== null || row.step === null || row.step === 'report') return { ...row, counts: sums, cursor: next };
  return { ...row, counts: sums, cursor: null, step: RETENTION_STEPS[RETENTION_STEPS.indexOf(row.step) + 1] ?? 'report' };
}

async function updateOwn(sweeps: mongo.Collection<StoredRetention>, { row: { workspaceId }, fence }: RetentionLease, $set: Partial<StoredRetention>, session?: mongo.ClientSession): Promise<void> {
  const { matchedCount } = await sweeps.updateOne({ _id: keyOf(workspaceId), fence }, { $set }, session === undefined ? {} : { session });
  if (matchedCount !== 1) throw new FenceLost('The sweep was taken over.');
}
