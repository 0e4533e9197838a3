import { randomUUID } from 'node:crypto';
import { FenceLost, type StoreTransaction } from '@firsthand/pipeline';
import { laneKey, takeLane } from '../store/take-lane.js';
import { digits } from '../store/digits.js';
import { storeKey } from '../store/store-key.js';
import type { TransactionScope } from './transaction-scope.js';
import { insertAll } from './write-commands.js';

/** Read back at a takeover, whatever they hold. */
const MAX_BLOCKS = 1_000;

type JournalRows = Pick<StoreTransaction, 'insertChanges' | 'insertLedger' | 'insertFreshness' | 'finishInbox' | 'takeLane' | 'advanceLane' | 'insertEvidence' | 'findLastEvidence' | 'findEvidenceOf'>;

/** What is only ever appended, and the two proofs that the work is still ours. */
export function journalRows(scope: TransactionScope): JournalRows {
  const { collections: { changes, ledger, freshnessCounts, inbox, lanes, evidence }, session, read } = scope;
  return {
    insertChanges: (rows) => insertAll(scope, changes, rows.map((row) => ({ _id: storeKey(row.workspaceId, row.profileId, digits(row.version, 10)), schemaVersion: 1, ...row }))),

    insertLedger: (workspaceId, entries) => insertAll(scope, ledger, entries.map((entry) => (
      { _id: storeKey(workspaceId, entry.connectionId, digits(entry.minute, 13), randomUUID()), schemaVersion: 1, workspaceId, ...entry }))),

    insertFreshness: ({ workspaceId, ...row }, at) => insertAll(scope, freshnessCounts, [{ _id: storeKey(workspaceId, digits(at, 13), randomUUID()), schemaVersion: 1, workspaceId, ...row }]),

    async finishInbox(claims) {
      const inboxIds = claims.flatMap((claim) => claim.inboxIds);
      if (inboxIds.length === 0) return;
      const { deletedCount } = await inbox.deleteMany({ _id: { $in: inboxIds }, claim: { $in: claims.map(({ token }) => token) } }, { session });
      if (deletedCount !== inboxIds.length) throw new FenceLost(`The claim on ${inboxIds.length - deletedCount} inbox documents was lost.`);
    },

    takeLane: (lane, holder, until, now) => takeLane(lanes, lane, { holder, until, now }, session),
    async advanceLane(lease, { seq, hash, health, until = 0 }) {
      const $set = { chainSeq: seq, chainHash: hash, ...(health === undefined ? {} : { health }) };
      const { matchedCount } = await lanes.updateOne({ _id: laneKey(lease), fence: lease.fence }, { $set, $max: { until } }, { session });
      if (matchedCount !== 1) throw new FenceLost('The lane was taken over.');
    },

    async findLastEvidence({ workspaceId, connectionId }, withinMs) {
      const prefix = storeKey(workspaceId, connectionId);
      const last = await evidence.find({ _id: { $gte: `${prefix}|`, $lt: `${prefix}}` } }, { session, sort: { _id: -1 }, limit: MAX_BLOCKS, batchSize: MAX_BLOCKS }).toArray();
      const since = (last[0]?.evaluatedAt ?? 0) - withinMs;
      return last.filter(({ evaluatedAt }) => evaluatedAt >= since).reverse();
    },

    async findEvidenceOf(workspaceId, deliveryIds) {
      if (deliveryIds.length === 0) return [];
      return evidence.find({ workspaceId, deliveryIds: { $in: [...deliveryIds] } }, read).toArray();
    },

    async insertEvidence(block) {
      await evidence.insertOne({ _id: storeKey(block.workspaceId, block.connectionId, digits(block.seq, 12)), schemaVersion: 1, ...block }, { session });
    },
  };
}
