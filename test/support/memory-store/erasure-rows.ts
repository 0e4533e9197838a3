import type { StoreTransaction } from '@firsthand/pipeline';
import type { MemorySession } from './memory-tables.js';
import { removeLookedUpBy, type Subject } from './person-places.js';
import { keyOf, toErasure, type Tables } from './tables.js';

type ErasureRows = Pick<StoreTransaction, 'insertTombstones' | 'findIdentityKeys' | 'removePeople' | 'findErasure' | 'insertErasure' | 'findErased'>;

/** The erasure of people: tombstones, the row that workers go on with, and what goes at once. */
export function erasureRows(session: MemorySession, tables: Tables): ErasureRows {
  const { tombstones, identities, erasures } = tables;
  return {
    async insertTombstones(workspaceId, digests, keyId) {
      for (const digest of new Set(digests)) if (session.peek(tombstones, keyOf(workspaceId, digest)) === undefined) session.insert(tombstones, keyOf(workspaceId, digest), keyId);
    },

    async findIdentityKeys(workspaceId, profileIds) {
      return session.select(identities, (row) => row.workspaceId === workspaceId && profileIds.includes(row.profileId)).map(({ key }) => key);
    },

    async removePeople(workspaceId, profileIds) {
      const subject: Subject = { workspaceId, profileIds, identityKeys: [] };
      return profileIds.length === 0 ? {} : removeLookedUpBy(session, tables, subject);
    },

    async findErasure(erasureId) {
      const row = session.get(erasures, erasureId);
      return row === undefined ? undefined : toErasure(row);
    },

    async insertErasure(row) {
      session.insert(erasures, row.erasureId, { ...row, holder: null, until: 0, fence: 0 });
    },

    async findErased(workspaceId, profileIds) {
      return profileIds.length === 0 ? [] : session.select(erasures, (row) => row.workspaceId === workspaceId && row.profileIds.some((id) => profileIds.includes(id))).flatMap(({ people }) => people);
    },
  };
}
