import { memberKey } from '@firsthand/domain';
import { FenceLost, type StoreTransaction } from '@firsthand/pipeline';
import { takeLane } from './lane-rows.js';
import type { MemorySession } from './memory-tables.js';
import { keyOf, type Tables } from './tables.js';

type JournalRows = Pick<StoreTransaction, 'insertChanges' | 'insertLedger' | 'insertFreshness' | 'finishInbox' | 'takeLane' | 'advanceLane' | 'insertEvidence' | 'findLastEvidence' | 'findEvidenceOf'>;
type AudienceRows = Pick<StoreTransaction, 'findAudienceMembers' | 'findAudienceMembersByKey' | 'findAudienceNames' | 'writeAudienceMembers' | 'meetAudienceMembers' | 'findCompare' | 'writeCompare'>;

/** What is only ever appended, and the proofs that the work is still ours. */
export function journalRows(session: MemorySession, { changes, ledger, freshnessCounts, inbox, lanes, evidence }: Tables): JournalRows {
  return {
    async insertChanges(rows) {
      for (const row of rows) session.insert(changes, keyOf(row.workspaceId, row.profileId, row.version), row);
    },

    async insertLedger(workspaceId, entries) {
      for (const entry of entries) session.insert(ledger, keyOf(workspaceId, session.database.newId()), { ...entry, workspaceId });
    },

    async insertFreshness(row) {
      session.insert(freshnessCounts, keyOf(row.workspaceId, session.database.newId()), row);
    },

    async finishInbox(claims) {
      for (const { token, inboxIds } of claims) {
        for (const id of inboxIds) {
          if (session.peek(inbox, id)?.claim !== token) throw new FenceLost('The claim on an inbox document was lost.');
          session.remove(inbox, id);
        }
      }
    },

    takeLane: async (lane, holder, until, now) => {
      const former = session.get(lanes, keyOf(lane.workspaceId, lane.connectionId));
      // A lane that its holder never gave back is left alone within a transaction.
      return former !== undefined && former.holder !== null && former.holder !== holder ? null : takeLane(session, lanes, lane, { holder, until, now });
    },

    async advanceLane(lease, { seq, hash, health, until = 0 }) {
      const id = keyOf(lease.workspaceId, lease.connectionId);
      const lane = session.get(lanes, id);
      if (lane?.fence !== lease.fence) throw new FenceLost('The lane was taken over.');
      session.put(lanes, id, { ...lane, chainSeq: seq, chainHash: hash, until: Math.max(lane.until, until), ...(health === undefined ? {} : { health }) });
    },

    async findLastEvidence({ workspaceId, connectionId }, withinMs) {
      const blocks = session.select(evidence, (block) => block.workspaceId === workspaceId && block.connectionId === connectionId).sort((a, b) => a.seq - b.seq);
      const since = (blocks.at(-1)?.evaluatedAt ?? 0) - withinMs;
      return blocks.filter(({ evaluatedAt }) => evaluatedAt >= since);
    },

    async findEvidenceOf(workspaceId, deliveryIds) {
      return session.select(evidence, (block) => block.workspaceId === workspaceId && block.deliveryIds.some((id) => deliveryIds.includes(id)));
    },

    async insertEvidence(block) {
      session.insert(evidence, keyOf(block.workspaceId, block.connectionId, block.seq), block);
    },
  };
}

/** What recipients have confirmed of who is in their audiences. */
export function audienceRows(session: MemorySession, { audienceMembers, audienceCompares }: Tables): AudienceRows {
  return {
    async findAudienceMembers(workspaceId, profileIds, connectionId) {
      return session.select(audienceMembers, (row) => row.workspaceId === workspaceId && profileIds.includes(row.profileId) && (connectionId === undefined || row.connectionId === connectionId));
    },

    async findAudienceMembersByKey({ workspaceId, connectionId, action }, keys) {
      return session.select(audienceMembers, (row) => row.workspaceId === workspaceId && row.connectionId === connectionId && row.action === action && row.sets.some(({ identifiers }) => keys.includes(memberKey(identifiers))));
    },

    async findAudienceNames({ workspaceId, connectionId, action }, names) {
      const rows = session.select(audienceMembers, (row) => row.workspaceId === workspaceId && row.connectionId === connectionId && row.action === action);
      const found = rows.flatMap(({ sets }) => sets.map(({ identifiers }) => Object.fromEntries(names.flatMap((name) => (identifiers[name] === undefined ? [] : [[name, identifiers[name]]])))));
      return [...new Map(found.map((named) => [JSON.stringify(named), named])).values()].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
    },

    async writeAudienceMembers(rows) {
      for (const row of rows) session.put(audienceMembers, keyOf(row.workspaceId, row.connectionId, row.action, row.profileId), row);
    },

    async meetAudienceMembers(rows) {
      for (const { workspaceId, connectionId, action, profileId } of rows) {
        const id = keyOf(workspaceId, connectionId, action, profileId);
        const row = session.get(audienceMembers, id);
        if (row !== undefined) session.put(audienceMembers, id, row);
      }
    },

    findCompare: async (compareId) => session.get(audienceCompares, compareId),

    async writeCompare(row) {
      session.put(audienceCompares, row.compareId, row);
    },
  };
}
