import { forgetIdentity, type Profile } from '@firsthand/domain';
import type { StoreTransaction } from '@firsthand/pipeline';
import type { MemorySession } from './memory-tables.js';
import { removeLookedUpBy, type Subject } from './person-places.js';
import { keyOf, toErasure, type Tables } from './tables.js';

type ErasureRows = Pick<StoreTransaction, 'insertTombstones' | 'findIdentityKeys' | 'removePeople' | 'maskDisowned' | 'findErasure' | 'insertErasure' | 'findErased'>;

/** The erasure of people: tombstones, the row that workers go on with, and what goes at once. */
export function erasureRows(session: MemorySession, tables: Tables): ErasureRows {
  const { tombstones, identities, erasures, profiles, merges } = tables;
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

    async maskDisowned(workspaceId, masks) {
      const found = session.select(profiles, ({ profile }) => profile.workspaceId === workspaceId && profile.disowned?.some((key) => masks.has(key)) === true);
      const masked = (profile: Profile): Profile => (profile.disowned === undefined ? profile : { ...profile, disowned: profile.disowned.map((key) => masks.get(key) ?? key) });
      const stripped = (profile: Profile): Profile => {
        const copy = structuredClone(profile);
        for (const key of masks.keys()) forgetIdentity(copy, key);
        return masked(copy);
      };
      for (const { profile, ...row } of found) session.put(profiles, keyOf(workspaceId, profile.profileId), { ...row, profile: masked(profile) });
      const ids = found.flatMap(({ profile: { profileId, mergedFrom } }) => [profileId, ...mergedFrom]);
      const copies = session.select(merges, (row) => row.workspaceId === workspaceId && ('mergeId' in row ? [row.winner, row.loser] : [row.from, row.to]).some((id) => ids.includes(id)));
      for (const row of copies) {
        if ('mergeId' in row) session.put(merges, row.mergeId, { ...row, before: { winner: stripped(row.before.winner), loser: stripped(row.before.loser) } });
        else session.put(merges, row.moveId, { ...row, identityKey: masks.get(row.identityKey) ?? row.identityKey, before: stripped(row.before) });
      }
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
