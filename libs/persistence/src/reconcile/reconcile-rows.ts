import { FenceLost, type FindingRow, type ReconcileRow, type ReconcileTransaction } from '@firsthand/pipeline';
import { ownKey, storeKey } from '../store/store-key.js';
import type { StoredFinding, StoredReconcile } from '../store/stored-rows.js';
import type { TransactionScope } from '../transaction/transaction-scope.js';

const DAY_MS = 86_400_000;
/** Reconciles and their findings are kept for so long; whom one has seen, for longer than it may take. */
const KEPT_DAYS = 90;
const SEEN_DAYS = 14;

/** When what was found at a time is deleted. */
export function keptUntil(at: number): Date {
  return new Date(at + KEPT_DAYS * DAY_MS);
}

/** A stored reconcile as the pipeline knows it. */
export function reconcileRow({ _id, schemaVersion: _version, holder: _holder, until: _until, fence: _fence, expireAt: _expireAt, ...row }: StoredReconcile): ReconcileRow {
  return { reconcileId: _id, ...row };
}

/** A stored finding as the pipeline knows it. */
export function findingRow({ _id, schemaVersion: _version, expireAt: _expireAt, ...row }: StoredFinding): FindingRow {
  return { findingId: _id, ...row };
}

/** The rows of reconciles in a transaction. */
export function reconcileRows({ collections: { reconciles, reconcileFindings, reconcileSeen }, session, read }: TransactionScope): ReconcileTransaction {
  return {
    async writeReconcile({ fence }, { reconcileId, step, cursor, failures, counts, unread, dueAt, end }, until) {
      const { matchedCount } = await reconciles.updateOne({ _id: reconcileId, fence }, { $set: { step, cursor, failures, counts, unread, dueAt, end, until } }, { session });
      if (matchedCount !== 1) throw new FenceLost('The reconcile was taken over, or has ended.');
    },

    async writeFindings(rows) {
      if (rows.length === 0) return;
      await reconcileFindings.bulkWrite(rows.map(({ findingId, ...row }) => (
        { replaceOne: { filter: { _id: ownKey(row.workspaceId, findingId) }, replacement: { schemaVersion: 1, ...row, expireAt: keptUntil(row.at) }, upsert: true } })), { session, ordered: false });
    },

    async findSeen(reconcileId, profileIds) {
      const found = profileIds.length === 0 ? [] : await reconcileSeen.find({ _id: { $in: profileIds.map((id) => `${reconcileId}|${id}`) } }, read).toArray();
      return new Map(found.map(({ profileId, key }) => [profileId, key]));
    },

    async markSeen({ reconcileId, workspaceId }, seen, now) {
      if (seen.length === 0) return;
      const expireAt = new Date(now + SEEN_DAYS * DAY_MS);
      const id = reconcileId.slice(workspaceId.length + 1);
      await reconcileSeen.insertMany(seen.map(({ profileId, key }) => ({ _id: storeKey(workspaceId, id, profileId), schemaVersion: 1, workspaceId, profileId, key, expireAt })), { session });
    },

    async findDecided(reconcileId, repairs, after, limit) {
      const workspaceId = reconcileId.slice(0, reconcileId.indexOf('|'));
      const filter = { workspaceId, reconcileId, state: 'decided' as const, repair: { $in: [...repairs] }, ...(after === null ? {} : { _id: { $gt: after } }) };
      return (await reconcileFindings.find(filter, { ...read, sort: { _id: 1 }, limit }).toArray()).map(findingRow);
    },

    async findDecidedById(findingIds) {
      return findingIds.length === 0 ? [] : (await reconcileFindings.find({ _id: { $in: [...findingIds] }, state: 'decided' }, read).toArray()).map(findingRow);
    },
  };
}
