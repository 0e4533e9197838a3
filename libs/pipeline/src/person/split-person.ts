import { BUILT_IN_IDENTITY_RULES, identityKey, newProfile, parseIdentityKey, stableId, standsOn, unionLists, type Identity, type IdentityRules, type Profile } from '@firsthand/domain';
import type { MergeRow } from '../ports/rows.js';
import type { StoreTransaction } from '../ports/store.js';
import { idsOf } from './person-work.js';
import { takeApart, writeParted, type PartContext } from './unmerge-person.js';

/**
 * Takes identities off a person to a profile of their own, within the transaction of its caller, as {@link unmergeWithin} does where no merge brought them: each has what names them, what was refused under these counts for both, and is recorded for the person once more. The journal keeps who had each of them. Gives the profile, and the lanes to ring.
 *
 * @param gone identities of the person, not all
 * @param left those of which the others, who keep none of these, are known by
 */
export async function splitWithin(tx: StoreTransaction, profileId: string, { gone: keys, left }: { gone: readonly string[]; left: readonly string[] }, { newId, ...context }: PartContext & { newId(): string }): Promise<{ profileId: string; lanes: string[] }> {
  const { configuration, now } = context;
  const { workspaceId, identityRules: rules = BUILT_IN_IDENTITY_RULES } = configuration;
  const current = (await tx.findProfiles(workspaceId, [profileId])).get(profileId) as Profile;
  const identities = keys.map(parseIdentityKey);
  const owners = await tx.findIdentities(workspaceId, keys);
  const loser = newId();
  const alone = await aloneBefore(tx, current);
  const own = new Set(keys);
  const isLeaving = (person: Profile): boolean => ownIdentities(person, rules).length > 0 && ownIdentities(person, rules).every((one) => own.has(identityKey(one)));
  const listsOf = (people: readonly Profile[]): Pick<Profile, 'lists'> => unionLists(people.flatMap(({ lists = [] }) => lists).filter(({ segmentId }) => standsOn(current, segmentId)));
  const bare = (id: string, identitiesOf: readonly Identity[], people: readonly Profile[]): Profile => ({ ...newProfile({ workspaceId, profileId: id, subjectKey: newId(), seenAt: current.lastSeenAt, now }), identities: [...identitiesOf], ...listsOf(people) });
  // What is shared is told by events: nobody had it before.
  const stays = ownIdentities(current, rules).filter((one) => !own.has(identityKey(one)));
  const row: MergeRow = {
    mergeId: `${workspaceId}|${stableId(workspaceId, 'split', profileId, loser)}`, workspaceId, winner: current.profileId, loser, at: now, causeEventId: null, before: { winner: bare(current.profileId, stays, alone.filter((one) => !isLeaving(one))), loser: bare(loser, identities, alone.filter(isLeaving)) },
  };
  await tx.moveIdentities(keys.map((key) => ({
    moveId: `${workspaceId}|${stableId(workspaceId, 'move', key, loser)}`, workspaceId, identityKey: key, from: owners.get(key) ?? current.profileId, to: loser, at: now, causeEventId: null, before: structuredClone(current),
  })));
  const parted = await takeApart(tx, row, current, configuration, { isSplit: true });
  return { profileId: loser, lanes: await writeParted(tx, row, current, { ...parted, from: [current.profileId, ...current.mergedFrom], split: { gone: keys, left, newId } }, context) };
}

/** Who became one with a person, and the person, each as they were alone, as the journal has it: whose a list was. Needed only of who stands on one. */
async function aloneBefore(tx: StoreTransaction, current: Profile): Promise<Profile[]> {
  if (current.lists === undefined) return [];
  const rows: MergeRow[] = [];
  for (const id of current.mergedFrom) rows.push(...[await tx.findMerge(current.workspaceId, id)].filter((row) => row !== undefined));
  return idsOf({ profile: current }).flatMap((id) => rows.find(({ winner }) => winner === id)?.before.winner ?? rows.find(({ loser }) => loser === id)?.before.loser ?? []);
}

function ownIdentities({ identities }: Profile, { isShared }: Pick<IdentityRules, 'isShared'>): Identity[] {
  return identities.filter(({ namespace }) => !isShared(namespace));
}
