import { leaveOutIdentities } from '@firsthand/domain';
import type { StoreTransaction } from '@firsthand/pipeline';
import type { MemorySession } from './memory-tables.js';
import { removeLookedUpBy, type Subject } from './person-places.js';
import { keyOf, toErasure, type Tables } from './tables.js';

type ErasureRows = Pick<StoreTransaction, 'insertTombstones' | 'widenTombstone' | 'findIdentityKeys' | 'removePeople' | 'maskDisowned' | 'findCopies' | 'writeCopies' | 'stripAsked' | 'endPersonExports' | 'findErasure' | 'insertErasure' | 'findErased'>;

/** The erasure of people: tombstones, the row that workers go on with, and what goes at once. */
export function erasureRows(session: MemorySession, tables: Tables): ErasureRows {
  const { tombstones, identities, erasures, profiles, privacyRequests, merges } = tables;
  return {
    async insertTombstones(workspaceId, digests, keyId) {
      for (const digest of new Set(digests)) if (session.peek(tombstones, keyOf(workspaceId, digest)) === undefined) session.insert(tombstones, keyOf(workspaceId, digest), keyId);
    },

    async widenTombstone(workspaceId, digests, along) {
      const [stone] = digests.flatMap((digest) => session.get(tombstones, keyOf(workspaceId, digest)) ?? []);
      if (stone !== undefined) for (const digest of new Set(along)) if (session.peek(tombstones, keyOf(workspaceId, digest)) === undefined) session.insert(tombstones, keyOf(workspaceId, digest), stone);
    },

    async findIdentityKeys(workspaceId, profileIds) {
      return session.select(identities, (row) => row.workspaceId === workspaceId && profileIds.includes(row.profileId)).map(({ key }) => key);
    },

    async removePeople(workspaceId, profileIds, identityKeys = []) {
      const subject: Subject = { workspaceId, profileIds, identityKeys };
      const counts = profileIds.length + identityKeys.length === 0 ? {} : removeLookedUpBy(session, tables, subject);
      for (const row of session.select(identities, ({ workspaceId: of, mark }) => of === workspaceId && mark?.after !== undefined && profileIds.includes(mark.after.profileId))) {
        if (row.mark?.after !== undefined) session.put(identities, keyOf(workspaceId, row.key), { ...row, mark: { ...row.mark, after: { ...row.mark.after, profileId: '' } } });
      }
      return counts;
    },

    async maskDisowned(workspaceId, masks) {
      const found = session.select(profiles, ({ profile }) => profile.workspaceId === workspaceId && profile.disowned?.some((key) => masks.has(key)) === true);
      for (const { profile, ...row } of found) session.put(profiles, keyOf(workspaceId, profile.profileId), { ...row, profile: { ...profile, disowned: profile.disowned?.map((key) => masks.get(key) ?? key) } });
      return found.flatMap(({ profile: { profileId, mergedFrom } }) => [profileId, ...mergedFrom]);
    },

    async findCopies(workspaceId, profileIds) {
      const found = session.select(merges, (row) => row.workspaceId === workspaceId && ('mergeId' in row ? [row.winner, row.loser] : [row.from, row.to]).some((id) => profileIds.includes(id)));
      return found.map((row) => ('mergeId' in row ? { copyId: row.mergeId, loser: row.loser, before: row.before } : { copyId: row.moveId, loser: row.from, movedKey: row.identityKey, before: { loser: row.before } }));
    },

    async writeCopies(_workspaceId, copies) {
      for (const { copyId, movedKey, before: { winner, loser } } of copies) {
        const row = session.get(merges, copyId);
        if (row === undefined) continue;
        if ('mergeId' in row) session.put(merges, copyId, { ...row, before: { winner: winner ?? row.before.winner, loser } });
        else session.put(merges, copyId, { ...row, identityKey: movedKey ?? row.identityKey, before: loser });
      }
    },

    async stripAsked(workspaceId, profileIds, identityKeys) {
      const keys = new Set(identityKeys);
      for (const row of session.select(privacyRequests, (one) => one.workspaceId === workspaceId && one.profileId !== null && profileIds.includes(one.profileId))) {
        if (row.details !== null) session.put(privacyRequests, row.requestId, { ...row, details: leaveOutIdentities(row.details, keys) });
      }
    },

    // Nobody asks for a copy here.
    endPersonExports: () => Promise.resolve(),

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
