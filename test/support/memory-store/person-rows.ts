import { FirsthandError, type JoinFact, type MoveFact, type Profile } from '@firsthand/domain';
import type { MergeRow, StoreTransaction } from '@firsthand/pipeline';
import type { MemorySession } from './memory-tables.js';
import { keyOf, present, type Tables } from './tables.js';

type PersonRows = Pick<StoreTransaction, 'findIdentities' | 'findIdentitiesOf' | 'findJournal' | 'insertIdentities' | 'moveIdentities' | 'findSharers' | 'findAllSharers' | 'shareIdentities' | 'insertMerges' | 'findMerge' | 'undoMerge' | 'findProfiles' | 'findListed' | 'writeProfiles' | 'findProfileIds' | 'findIdentityLinks' | 'findIdentityLinksOf' | 'writeIdentityLinks' | 'findMatch' | 'writeMatch' | 'outdateMatches'>;

/** Who is who: identities, merges with their aliases, and profiles. */
export function personRows(session: MemorySession, { identities, aliases, merges, profiles, identityLinks, matchSuggestions }: Tables): PersonRows {
  return {
    async findIdentities(workspaceId, identityKeys) {
      return new Map(present(identityKeys, (key) => session.peek(identities, keyOf(workspaceId, key))?.profileId));
    },

    async insertIdentities(workspaceId, owners) {
      for (const [key, profileId] of owners) session.insert(identities, keyOf(workspaceId, key), { workspaceId, key, profileId });
    },

    async findSharers(workspaceId, identityKeys, exceptIds) {
      const others = session.select(profiles, ({ profile }) => profile.workspaceId === workspaceId && profile.sharedKeys !== undefined && !exceptIds.includes(profile.profileId)).map(({ profile }) => profile)
        .sort((a, b) => a.createdAt - b.createdAt || (a.profileId < b.profileId ? -1 : 1));
      return new Map(present(identityKeys, (key) => others.find(({ sharedKeys = [] }) => sharedKeys.includes(key))?.profileId));
    },

    async findAllSharers(workspaceId, identityKeys, limit) {
      const sharing = session.select(profiles, ({ profile }) => profile.workspaceId === workspaceId && profile.sharedKeys !== undefined);
      return new Map(present(identityKeys, (key) => {
        const ids = sharing.flatMap(({ profile: { profileId, sharedKeys = [] } }) => (sharedKeys.includes(key) ? [profileId] : []));
        return ids.length === 0 ? undefined : ids.slice(0, limit);
      }));
    },

    async shareIdentities(workspaceId, owners) {
      for (const [key, profileId] of owners) {
        const row = session.get(identities, keyOf(workspaceId, key));
        if (row !== undefined) session.put(identities, keyOf(workspaceId, key), profileId === null ? row : { ...row, profileId });
      }
    },

    async findIdentitiesOf(workspaceId, profileIds) {
      const ids = new Set(profileIds);
      return ids.size === 0 ? new Map() : new Map(session.select(identities, (row) => row.workspaceId === workspaceId && ids.has(row.profileId)).map(({ key, profileId }) => [key, profileId]));
    },

    async findJournal(workspaceId, profileIds) {
      const ids = new Set(profileIds);
      const joins: JoinFact[] = [];
      const moves: MoveFact[] = [];
      for (const row of session.select(merges, (one) => one.workspaceId === workspaceId)) {
        if ('moveId' in row && (ids.has(row.from) || ids.has(row.to))) moves.push({ key: row.identityKey, from: row.from, to: row.to, at: row.at });
        if ('mergeId' in row && (ids.has(row.winner) || ids.has(row.loser))) joins.push({ winner: row.winner, loser: row.loser, at: row.at, undoneAt: row.undoneAt ?? null, ...sharedOf(row.before) });
      }
      return { joins, moves };
    },

    async findIdentityLinks(linkIds) {
      return new Map(present(linkIds, (id) => session.get(identityLinks, id)));
    },

    async findIdentityLinksOf(workspaceId, identityKeys, limit) {
      return session.select(identityLinks, (row) => row.workspaceId === workspaceId && row.keys.some((key) => identityKeys.includes(key))).slice(0, limit);
    },

    async writeIdentityLinks(rows) {
      for (const link of rows) {
        if (!link.linkId.startsWith(`${link.workspaceId}|`)) throw new FirsthandError('INTERNAL', 'The id of a row does not begin with its workspace.');
        session.put(identityLinks, link.linkId, link);
      }
    },

    async findMatch(suggestionId) {
      return session.get(matchSuggestions, suggestionId);
    },

    async writeMatch(row) {
      if (!row.suggestionId.startsWith(`${row.workspaceId}|`)) throw new FirsthandError('INTERNAL', 'The id of a row does not begin with its workspace.');
      session.put(matchSuggestions, row.suggestionId, row);
    },

    async outdateMatches(workspaceId, profileIds, { states, at, wasUndone }) {
      const theirs = session.select(matchSuggestions, (row) => row.workspaceId === workspaceId && row.profileIds.some((id) => profileIds.includes(id)) && states.includes(row.state));
      for (const row of theirs) session.put(matchSuggestions, row.suggestionId, { ...row, state: 'outdated', decidedAt: at, ...(wasUndone === undefined ? {} : { wasUndone }) });
    },

    async findMerge(workspaceId, loser) {
      const [found] = session.select(merges, (row) => 'mergeId' in row && row.workspaceId === workspaceId && row.loser === loser && row.undoneAt === undefined);
      return found as MergeRow | undefined;
    },

    async undoMerge({ mergeId, workspaceId, loser, before }, at) {
      const row = session.get(merges, mergeId);
      if (row === undefined || ('undoneAt' in row && row.undoneAt !== undefined)) throw new FirsthandError('INTERNAL', 'A merge that was to be undone is not there.');
      session.put(merges, mergeId, { ...row, undoneAt: at });
      session.remove(aliases, keyOf(workspaceId, loser));
      for (const profileId of before.loser.mergedFrom) session.put(aliases, keyOf(workspaceId, profileId), { workspaceId, profileId, to: loser });
    },

    async moveIdentities(moves) {
      for (const move of moves) {
        const id = keyOf(move.workspaceId, move.identityKey);
        const identity = session.get(identities, id);
        if (identity === undefined) throw new FirsthandError('INTERNAL', 'An identity that was to be moved is not there.');
        session.put(identities, id, { ...identity, profileId: move.to });
        session.insert(merges, move.moveId, move);
      }
    },

    async insertMerges(rows) {
      for (const merge of rows) {
        session.insert(merges, merge.mergeId, merge);
        const root = rootOf(rows, merge.winner);
        for (const alias of session.select(aliases, (one) => one.workspaceId === merge.workspaceId && one.to === merge.loser)) session.put(aliases, keyOf(alias.workspaceId, alias.profileId), { ...alias, to: root });
        session.insert(aliases, keyOf(merge.workspaceId, merge.loser), { workspaceId: merge.workspaceId, profileId: merge.loser, to: root });
      }
    },

    async findProfiles(workspaceId, profileIds) {
      const loaded = new Map<string, Profile | undefined>();
      const load = (id: string): Profile | undefined => {
        if (!loaded.has(id)) loaded.set(id, session.get(profiles, keyOf(workspaceId, id))?.profile);
        return loaded.get(id);
      };
      return new Map(present(profileIds, (id) => {
        const own = load(id);
        if (own !== undefined) return own;
        const to = session.get(aliases, keyOf(workspaceId, id))?.to;
        return to === undefined ? undefined : load(to);
      }));
    },

    async findListed(workspaceId, segmentId, after, limit) {
      return session.select(profiles, ({ profile }) => profile.workspaceId === workspaceId && (after === null || profile.profileId > after) && (profile.lists ?? []).some((standing) => standing.segmentId === segmentId))
        .map(({ profile }) => profile.profileId).sort().slice(0, limit);
    },

    async writeProfiles({ inserted, updated, deleted }) {
      for (const write of inserted) session.insert(profiles, keyOf(write.profile.workspaceId, write.profile.profileId), write);
      for (const write of updated) {
        const id = keyOf(write.profile.workspaceId, write.profile.profileId);
        if (session.peek(profiles, id) === undefined) throw new FirsthandError('INTERNAL', 'A profile that was to be updated is not there.');
        session.put(profiles, id, write);
      }
      for (const { workspaceId, profileId } of deleted) if (!session.remove(profiles, keyOf(workspaceId, profileId))) throw new FirsthandError('INTERNAL', 'A profile that was to be deleted is not there.');
    },

    async findProfileIds(workspaceId, after, limit) {
      return session.select(profiles, ({ profile }) => profile.workspaceId === workspaceId && (after === null || profile.profileId > after)).map(({ profile }) => profile.profileId).sort().slice(0, limit);
    },
  };
}

/** Where merges of one batch end. */
function rootOf(rows: readonly MergeRow[], profileId: string): string {
  const next = rows.find(({ loser }) => loser === profileId);
  return next === undefined ? profileId : rootOf(rows, next.winner);
}

/** By what both of a merge were known that was another's by name. */
function sharedOf({ winner: { sharedKeys: winner = [] }, loser: { sharedKeys: loser = [] } }: MergeRow['before']): Pick<JoinFact, 'shared'> {
  return winner.length + loser.length === 0 ? {} : { shared: { winner, loser } };
}
