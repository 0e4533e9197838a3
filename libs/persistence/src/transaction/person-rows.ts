import { FirsthandError, type JoinFact, type Profile } from '@firsthand/domain';
import type { IdentityMoveRow, MergeRow, ProfileWrite, StoreTransaction } from '@firsthand/pipeline';
import { identityLinkRow, matchSuggestionRow, profileOf } from '../store/read-rows.js';
import { ownKey, storeKey } from '../store/store-key.js';
import type { StoredProfile } from '../store/stored-rows.js';
import { findAll } from './find-all.js';
import type { TransactionScope } from './transaction-scope.js';
import { insertAll, replaceAll } from './write-commands.js';

type PersonRows = Pick<StoreTransaction, 'findIdentities' | 'findIdentitiesOf' | 'findJournal' | 'insertIdentities' | 'moveIdentities' | 'findSharers' | 'findAllSharers' | 'markSharers' | 'shareIdentities' | 'insertMerges' | 'findMerge' | 'undoMerge' | 'findProfiles' | 'findListed' | 'writeProfiles' | 'findIdentityLinks' | 'findIdentityLinksOf' | 'writeIdentityLinks' | 'findMatch' | 'writeMatch' | 'outdateMatches'>;

/** Who is who: identities, merges with their aliases, and profiles. */
export function personRows(scope: TransactionScope): PersonRows {
  const { collections: { identities, profiles }, session, read } = scope;
  const readProfiles = async (workspaceId: string, profileIds: readonly string[]): Promise<Map<string, Profile>> => {
    if (profileIds.length === 0) return new Map();
    const found = await findAll(scope, profiles, { _id: { $in: profileIds.map((id) => storeKey(workspaceId, id)) } });
    return new Map(found.map((profile) => [profile.profileId, profileOf(profile)]));
  };
  return {
    async findIdentities(workspaceId, identityKeys) {
      if (identityKeys.length === 0) return new Map();
      const found = await findAll(scope, identities, { _id: { $in: identityKeys.map((key) => storeKey(workspaceId, key)) } }, { projection: { profileId: 1 } });
      return new Map(found.map(({ _id, profileId }) => [_id.slice(workspaceId.length + 1), profileId]));
    },

    async insertIdentities(workspaceId, owners, at) {
      if (owners.size === 0) return;
      await identities.insertMany([...owners].map(([key, profileId]) => (
        { _id: storeKey(workspaceId, key), schemaVersion: 1, workspaceId, profileId, createdAt: at })), { session });
    },

    async findIdentitiesOf(workspaceId, profileIds) {
      if (profileIds.length === 0) return new Map();
      const found = await identities.find({ workspaceId, profileId: { $in: [...profileIds] } }, { ...read, projection: { profileId: 1 } }).toArray();
      return new Map(found.map(({ _id, profileId }) => [_id.slice(workspaceId.length + 1), profileId]));
    },

    async findIdentityLinks(linkIds) {
      if (linkIds.length === 0) return new Map();
      const found = await scope.collections.identityLinks.find({ _id: { $in: [...linkIds] } }, read).toArray();
      return new Map(found.map((link) => [link._id, identityLinkRow(link)]));
    },

    async findIdentityLinksOf(workspaceId, identityKeys, limit) {
      if (identityKeys.length === 0) return [];
      return (await scope.collections.identityLinks.find({ workspaceId, keys: { $in: [...identityKeys] } }, { ...read, limit }).toArray()).map(identityLinkRow);
    },

    async writeIdentityLinks(rows) {
      if (rows.length === 0) return;
      await scope.collections.identityLinks.bulkWrite(rows.map(({ linkId, ...row }) => (
        { replaceOne: { filter: { _id: ownKey(row.workspaceId, linkId) }, replacement: { schemaVersion: 1, ...row }, upsert: true } })), { session, ordered: false });
    },

    async findMatch(suggestionId) {
      const found = await scope.collections.matchSuggestions.findOne({ _id: suggestionId }, read);
      return found === null ? undefined : matchSuggestionRow(found);
    },

    async writeMatch({ suggestionId, ...row }) {
      await scope.collections.matchSuggestions.replaceOne({ _id: ownKey(row.workspaceId, suggestionId) }, { schemaVersion: 1, ...row }, { session, upsert: true });
    },

    async outdateMatches(workspaceId, profileIds, { states, at, wasUndone }) {
      await scope.collections.matchSuggestions.updateMany(
        { workspaceId, profileIds: { $in: [...profileIds] }, state: { $in: [...states] } }, { $set: { state: 'outdated', decidedAt: at, ...(wasUndone === undefined ? {} : { wasUndone }) } }, { session });
    },

    findJournal: (workspaceId, profileIds) => findJournal(scope, workspaceId, profileIds),

    moveIdentities: (moves) => moveIdentities(scope, moves),

    async findSharers(workspaceId, identityKeys, exceptIds) {
      const sharers = new Map<string, string>();
      for (const key of identityKeys) {
        const found = await profiles.findOne({ workspaceId, sharedKeys: key, profileId: { $nin: [...exceptIds] } }, { ...read, sort: { createdAt: 1, profileId: 1 }, projection: { profileId: 1 } });
        if (found !== null) sharers.set(key, found.profileId);
      }
      return sharers;
    },

    async findAllSharers(workspaceId, identityKeys) {
      const sharers = new Map<string, string[]>();
      if (identityKeys.length === 0) return sharers;
      const found = await profiles.find({ workspaceId, sharedKeys: { $in: [...identityKeys] } }, { ...read, projection: { profileId: 1, sharedKeys: 1 } }).toArray();
      for (const { profileId, sharedKeys = [] } of found) for (const key of sharedKeys) {
        if (!identityKeys.includes(key)) continue;
        const known = sharers.get(key);
        if (known === undefined) sharers.set(key, [profileId]);
        else known.push(profileId);
      }
      return sharers;
    },

    async markSharers(workspaceId, identityKey, exceptIds) {
      await profiles.updateMany({ workspaceId, sharedKeys: identityKey, profileId: { $nin: [...exceptIds] }, mustRefold: { $ne: true } }, { $set: { mustRefold: true, dueAt: 1 } }, { session });
    },

    async shareIdentities(workspaceId, owners) {
      if (owners.size === 0) return;
      await identities.bulkWrite([...owners].map(([key, profileId]) => (
        { updateOne: { filter: { _id: storeKey(workspaceId, key) }, update: { $inc: { shares: 1 }, ...(profileId === null ? {} : { $set: { profileId } }) } } })), { session, ordered: false });
    },

    insertMerges: (merges) => insertMerges(scope, merges),

    async findMerge(workspaceId, loser) {
      const found = await scope.collections.merges.findOne({ workspaceId, loser, movedKey: { $exists: false }, undoneAt: { $exists: false } }, read);
      if (found === null) return undefined;
      const { _id, schemaVersion, ...row } = found;
      return { mergeId: _id, ...row } as MergeRow;
    },

    async undoMerge({ mergeId, workspaceId, loser, before }, at) {
      const { merges, aliases } = scope.collections;
      const { matchedCount } = await merges.updateOne({ _id: ownKey(workspaceId, mergeId), undoneAt: { $exists: false } }, { $set: { undoneAt: at } }, { session });
      expectAll('merges', 'undone', 1, matchedCount);
      await aliases.deleteOne({ _id: storeKey(workspaceId, loser) }, { session });
      await aliases.updateMany({ _id: { $in: before.loser.mergedFrom.map((id) => storeKey(workspaceId, id)) } }, { $set: { to: loser } }, { session });
    },

    async findProfiles(workspaceId, profileIds) {
      const found = await readProfiles(workspaceId, profileIds);
      // Only who was merged away has an alias, and no profile any more.
      const roots = await findRoots(scope, workspaceId, profileIds.filter((id) => !found.has(id)));
      const rest = await readProfiles(workspaceId, [...new Set(roots.values())].filter((id) => !found.has(id)));
      for (const [asked, root] of roots) {
        const profile = found.get(root) ?? rest.get(root);
        if (profile !== undefined) found.set(asked, profile);
      }
      return found;
    },

    async findListed(workspaceId, segmentId, after, limit) {
      const found = await profiles.find(
        { workspaceId, 'lists.segmentId': segmentId, ...(after === null ? {} : { profileId: { $gt: after } }) }, { ...read, sort: { profileId: 1 }, limit, projection: { profileId: 1 } }).toArray();
      return found.map(({ profileId }) => profileId);
    },

    async writeProfiles({ inserted, updated, deleted }) {
      await insertAll(scope, profiles, inserted.map(toStored));
      if (updated.length > 0) {
        expectAll('profiles', 'updated', updated.length, await replaceAll(scope, profiles, updated.map(toStored)));
      }
      if (deleted.length > 0) {
        const { deletedCount } = await profiles.deleteMany({ _id: { $in: deleted.map(({ workspaceId, profileId }) => storeKey(workspaceId, profileId)) } }, { session });
        expectAll('profiles', 'deleted', deleted.length, deletedCount);
      }
    },
  };
}

async function findJournal({ collections: { merges }, read }: TransactionScope, workspaceId: string, profileIds: readonly string[]): ReturnType<StoreTransaction['findJournal']> {
  if (profileIds.length === 0) return { joins: [], moves: [] };
  const ids = { $in: [...profileIds] };
  const rows = await merges.find({ workspaceId, $or: [{ winner: ids }, { loser: ids }] }, { ...read, projection: { winner: 1, loser: 1, at: 1, movedKey: 1, undoneAt: 1, 'before.winner.sharedKeys': 1, 'before.loser.sharedKeys': 1 } }).toArray();
  return {
    joins: rows.flatMap(({ winner, loser, at, movedKey, undoneAt = null, before }) => (movedKey === undefined ? [{ winner, loser, at, undoneAt, ...sharedOf(before) }] : [])),
    moves: rows.flatMap(({ winner, loser, at, movedKey }) => (movedKey === undefined ? [] : [{ key: movedKey, from: loser, to: winner, at }])),
  };
}

/** By what both of a merge were known that was another's by name. Of merges of long ago neither may be there. */
function sharedOf(before: { [side in 'winner' | 'loser']?: Pick<Profile, 'sharedKeys'> } | undefined): Pick<JoinFact, 'shared'> {
  const [winner, loser] = [before?.winner?.sharedKeys ?? [], before?.loser?.sharedKeys ?? []];
  return winner.length + loser.length === 0 ? {} : { shared: { winner, loser } };
}

/** Aliases are kept one step from their root; the loop ends after the look-up that finds no further step. */
async function findRoots({ collections, read }: TransactionScope, workspaceId: string, profileIds: readonly string[]): Promise<Map<string, string>> {
  const roots = new Map<string, string>();
  for (let asked = [...new Set(profileIds)]; asked.length > 0; ) {
    const found = await collections.aliases.find({ _id: { $in: asked.map((id) => storeKey(workspaceId, id)) } }, { ...read, projection: { to: 1 } }).toArray();
    const steps = new Map(found.map(({ _id, to }) => [_id.slice(workspaceId.length + 1), to]));
    for (const [from, to] of roots) if (steps.has(to)) roots.set(from, steps.get(to) as string);
    for (const from of profileIds) if (!roots.has(from) && steps.has(from)) roots.set(from, steps.get(from) as string);
    asked = [...new Set(steps.values())];
  }
  return roots;
}

/** The journal of merges keeps moves too, told by their `movedKey`: nobody is merged away, so there is no alias. */
async function moveIdentities({ collections: { identities, merges }, session }: TransactionScope, moves: readonly IdentityMoveRow[]): Promise<void> {
  if (moves.length === 0) return;
  const { matchedCount } = await identities.bulkWrite(moves.map(({ workspaceId, identityKey, to }) => (
    { updateOne: { filter: { _id: storeKey(workspaceId, identityKey) }, update: { $set: { profileId: to } } } })), { session, ordered: false });
  expectAll('identities', 'moved', moves.length, matchedCount);
  await merges.insertMany(moves.map(({ moveId, workspaceId, identityKey, from, to, at, causeEventId, before }) => ({
    _id: ownKey(workspaceId, moveId), schemaVersion: 1, workspaceId, winner: to, loser: from, movedKey: identityKey, at, causeEventId, before: { loser: before },
  })), { session });
}

async function insertMerges({ collections: { merges, aliases }, session }: TransactionScope, rows: readonly MergeRow[]): Promise<void> {
  if (rows.length === 0) return;
  await merges.insertMany(rows.map(({ mergeId, ...row }) => ({ _id: ownKey(row.workspaceId, mergeId), schemaVersion: 1, ...row })), { session });
  const moved = new Map(rows.map(({ workspaceId, loser, winner }) => [storeKey(workspaceId, loser), winner]));
  const rootOf = (workspaceId: string, profileId: string): string => {
    const next = moved.get(storeKey(workspaceId, profileId));
    return next === undefined ? profileId : rootOf(workspaceId, next);
  };
  const steps = rows.map(({ workspaceId, loser, winner }) => ({ workspaceId, loser, root: rootOf(workspaceId, winner) }));
  await aliases.bulkWrite(
    steps.flatMap(({ workspaceId, loser, root }) => [
      { updateMany: { filter: { workspaceId, to: loser }, update: { $set: { to: root } } } },
      { insertOne: { document: { _id: storeKey(workspaceId, loser), schemaVersion: 1, workspaceId, to: root } } },
    ]),
    { session },
  );
}

function toStored({ profile, dueAt }: ProfileWrite): StoredProfile {
  return { _id: storeKey(profile.workspaceId, profile.profileId), schemaVersion: 1, ...profile, dueAt };
}

/** A snapshot in which a profile was read and is not there any more to be written would lose a person's data in silence. */
function expectAll(what: string, verb: string, expected: number, actual: number): void {
  if (actual !== expected) throw new FirsthandError('INTERNAL', `${expected} ${what} were to be ${verb}, ${actual} were there.`);
}
