import { namedLinksOf } from '../identity/named-link.js';
import { copyActivity, sumActivity } from './fold-activity.js';
import { disownedOf } from './disown-identity.js';
import { decideField, keysOfFields, placeField, saidOf } from './field-candidates.js';
import { goneIdsOf } from './gone-ids.js';
import { joinParted } from './parted-there.js';
import { unionLists } from './list-standing.js';
import type { Membership, Profile } from './profile.js';
import { decodeStoredKey } from './stored-key.js';
import { sharedKeysOf } from './shared-keys.js';
import { unionIdentities } from './union-identities.js';
import type { OwnerRank } from './winning-field.js';

/** What a merge needs to know besides the two profiles. */
export interface MergeContext {
  /** Epoch ms. */
  now: number;
  /** The version of the merged profile, greater than that of both. */
  version: number;
  ownerRank: OwnerRank;
}

/** Of two the place that was given out last, which comes after all of either; neither may have given out one yet. */
export function latestPlace({ seq: one, seqAt: oneAt = 0 }: Profile, { seq: other, seqAt: otherAt = 0 }: Profile): Pick<Profile, 'seq' | 'seqAt'> {
  const seqAt = Math.max(oneAt, otherAt);
  return { seq: Math.max(one, other), ...(seqAt === 0 ? {} : { seqAt }) };
}

function earliestProofs({ provenAt: one }: Profile, { provenAt: other }: Profile): Pick<Profile, 'provenAt'> {
  return one === undefined && other === undefined ? {} : { provenAt: unite(one ?? {}, other ?? {}, Math.min, (at) => at) };
}

/**
 * Merges two profiles found to be one person, as a new one; neither is touched. The winner gives profileId and subjectKey; all
 * else is the same whichever wins: fields by the rule of `foldRecord` among all that was said of either, counters summed, identities, lists and memberships united.
 *
 * @example mergeProfiles(older, newer, { now, version: Math.max(older.version, newer.version) + 1, ownerRank })
 */
export function mergeProfiles(winner: Profile, loser: Profile, context: MergeContext): Profile {
  const merged: Profile = {
    ...winner,
    version: context.version,
    ...latestPlace(winner, loser),
    identities: [...winner.identities],
    verifiedKeys: [...new Set([...winner.verifiedKeys, ...loser.verifiedKeys])].sort(),
    ...earliestProofs(winner, loser),
    ...sharedKeysOf(() => true, winner, loser),
    ...goneIdsOf(() => true, winner, loser),
    ...namedLinksOf(() => true, winner, loser),
    mergedFrom: [...winner.mergedFrom, ...loser.mergedFrom, loser.profileId],
    fields: { ...winner.fields },
    ...(winner.candidates === undefined ? {} : { candidates: { ...winner.candidates } }),
    activity: unite(winner.activity, loser.activity, (one, other) => sumActivity(one, other, context.now), copyActivity),
    memberships: unite(winner.memberships, loser.memberships, mergeMembership, (membership) => ({ ...membership })),
    ...unionLists(winner.lists, loser.lists),
    firstSeenAt: Math.min(winner.firstSeenAt, loser.firstSeenAt),
    lastSeenAt: Math.max(winner.lastSeenAt, loser.lastSeenAt),
    createdAt: Math.min(winner.createdAt, loser.createdAt),
  };
  if (loser.hasWaitingRuns === true) merged.hasWaitingRuns = true;
  delete merged.evaluated;
  unionIdentities(merged.identities, loser.identities);
  delete merged.disowned;
  delete merged.parted;
  Object.assign(merged, joinParted(winner, loser));
  Object.assign(merged, disownedOf(merged.identities, winner, loser));
  for (const key of keysOfFields(loser)) {
    const said = [...saidOf(merged, key), ...saidOf(loser, key).map((field) => ({ ...field, version: context.version }))];
    placeField(merged, key, decideField(said, decodeStoredKey(key), context.ownerRank));
  }
  return merged;
}

/**
 * Inside if either is: somebody was told so, and must be told when it ends. `n` is the least number not below both that says this,
 * so that no id of a later change repeats one of an earlier.
 */
function mergeMembership(one: Membership, other: Membership): Membership {
  const isMember = one.isMember || other.isMember;
  const n = Math.max(one.n, other.n);
  return {
    n: (n % 2 === 1) === isMember ? n : n + 1,
    isMember,
    at: Math.max(one.at, other.at),
    segmentVersion: Math.max(one.segmentVersion, other.segmentVersion),
  };
}

function unite<T>(one: Record<string, T>, other: Record<string, T>, both: (one: T, other: T) => T, copy: (single: T) => T): Record<string, T> {
  const united: Record<string, T> = {};
  for (const [key, value] of Object.entries(one)) united[key] = copy(value);
  for (const [key, value] of Object.entries(other)) {
    const known = Object.hasOwn(united, key) ? united[key] : undefined;
    united[key] = known === undefined ? copy(value) : both(known, value);
  }
  return united;
}
