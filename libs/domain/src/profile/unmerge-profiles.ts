import { identityKey } from '../identity/identity-key.js';
import { namedLinksOf } from '../identity/named-link.js';
import { disownedOf } from './disown-identity.js';
import { isSameJson } from './canonical-json.js';
import { decideField, keysOfFields, placeField, removeSaid, saidOf, type FieldsOfProfile } from './field-candidates.js';
import { goneIdsOf } from './gone-ids.js';
import { identityInField } from './identity-field.js';
import { standsOn, unionLists } from './list-standing.js';
import { latestPlace } from './merge-profiles.js';
import { partedOf } from './parted-there.js';
import { decodeStoredKey } from './stored-key.js';
import type { Activity, ListStanding, Profile, ProfileField } from './profile.js';
import { sharedKeysOf } from './shared-keys.js';
import type { OwnerRank } from './winning-field.js';

/** What is needed to tell two people apart again. */
export interface UnmergeContext {
  /** Both as they were before they were merged. */
  before: { winner: Profile; loser: Profile };
  /** Who became one with the winner after that merge, as they were: where the loser stood on a list with them, they stand there still. */
  since?: readonly Profile[];
  /** Whether an identity, by its key, is of those merged away. */
  isLosers(key: string): boolean;
  /** Keys of devices that either came to be known on while both were one. */
  visited?: { winner: ReadonlySet<string>; loser: ReadonlySet<string> };
  /** Whether a field that was set since came with an event of those merged away, as far as anybody knows. */
  cameToLoser(field: ProfileField): boolean;
  ownerRank: OwnerRank;
}

/**
 * Takes a merge back: gives both, as new profiles. Each has their own identities; what was said of fields goes back to whom it was said of, and what was said since to whom its event, or
 * the identity that it names, belongs to; each field is decided anew among it. Counters of before are taken out of the winner's; what was counted since stays there. Lists and memberships of before are the loser's again, and both are to be evaluated anew.
 *
 * @example const { winner, loser } = unmergeProfiles(merged, { before, isLosers, cameToLoser, ownerRank })
 */
export function unmergeProfiles(merged: Profile, context: UnmergeContext): { winner: Profile; loser: Profile } {
  const { before, isLosers } = context;
  const gone = new Set([before.loser.profileId, ...before.loser.mergedFrom]);
  // What was only claimed, or was another's, and has gone there since is not there any more.
  const known = new Set(merged.identities.map(identityKey));
  const { visited } = context;
  const ofLoser = new Set([...before.loser.identities, ...merged.identities.filter((identity) => isLosers(identityKey(identity)) || visited?.loser.has(identityKey(identity)) === true)].map(identityKey));
  const hadBefore = new Set(before.winner.identities.map(identityKey));
  // A device that both had is both's again, whoever had it first.
  const isWinners = (key: string): boolean => hadBefore.has(key) || visited?.winner.has(key) === true || (!isLosers(key) && !ofLoser.has(key));
  const { ours, theirs } = splitFields(merged, context);
  const { evaluated: _winners, lists, provenAt, disowned: _disowned, sharedKeys: _shared, goneIds: _gone, mergedIds: _merged, parted: _parted, links: _links, candidates: _candidates, ...rest } = merged;
  const { evaluated: _losers, candidates: _theirs, sharedKeys: _both, goneIds: _own, mergedIds: _away, parted: _there, links: _former, ...loser } = before.loser;
  const isLosersList = ({ segmentId }: ListStanding): boolean => standsOn(before.loser, segmentId);
  const stood = [before.winner, ...(context.since ?? []).filter(({ profileId }) => merged.mergedFrom.includes(profileId))].flatMap((one) => one.lists ?? []);
  const listed = unionLists(lists?.filter((one) => !isLosersList(one)), stood.filter((one) => isLosersList(one) && standsOn(merged, one.segmentId)));
  const proven = Object.entries(provenAt ?? {});
  const provenOf = (isOwn: (key: string) => boolean): Pick<Profile, 'provenAt'> => {
    const own = proven.filter(([stored]) => isOwn(decodeStoredKey(stored)));
    return own.length === 0 ? {} : { provenAt: Object.fromEntries(own) };
  };
  const ownOf = (isOwn: (key: string) => boolean): Profile['identities'] => merged.identities.filter((identity) => isOwn(identityKey(identity)));
  const both = { sharedKeys: [...ofLoser].filter(isWinners) };
  return {
    winner: {
      ...rest, ...sharedKeysOf(isWinners, merged, both), ...goneIdsOf(isWinners, merged), ...partedOf(isWinners, merged, before.winner), ...namedLinksOf(isWinners, merged), ...disownedOf(ownOf(isWinners), before.winner, merged), identities: ownOf(isWinners), verifiedKeys: merged.verifiedKeys.filter(isWinners), mergedFrom: merged.mergedFrom.filter((id) => !gone.has(id)),
      ...ours, activity: subtract(merged.activity, before), ...listed, ...provenOf(isWinners),
    },
    loser: {
      ...loser, ...sharedKeysOf((key) => ofLoser.has(key), merged, both), ...goneIdsOf((key) => ofLoser.has(key), merged), ...partedOf((key) => ofLoser.has(key), merged, before.loser), ...namedLinksOf((key) => ofLoser.has(key), merged), ...disownedOf(ownOf((key) => ofLoser.has(key)), before.loser, merged), identities: merged.identities.filter((identity) => ofLoser.has(identityKey(identity))),
      verifiedKeys: [...new Set([...before.loser.verifiedKeys, ...merged.verifiedKeys])].filter((key) => ofLoser.has(key) && known.has(key)).sort(), ...theirs, ...provenOf((key) => ofLoser.has(key)),
      hasWaitingRuns: true, ...latestPlace(before.loser, merged),
    },
  };
}

/** All that is said of each field goes back to whom it is of, and each field is decided anew among what is theirs. */
function splitFields(merged: Profile, { before, isLosers, cameToLoser, ownerRank }: UnmergeContext): { ours: FieldsOfProfile; theirs: FieldsOfProfile } {
  const ours: FieldsOfProfile = { fields: {} };
  const theirs: FieldsOfProfile = { fields: { ...before.loser.fields }, ...(before.loser.candidates === undefined ? {} : { candidates: { ...before.loser.candidates } }) };
  const known = new Set(merged.identities.map(identityKey));
  for (const stored of keysOfFields(merged)) {
    const name = decodeStoredKey(stored);
    const [own, other] = [saidOf(before.winner, stored), saidOf(before.loser, stored)];
    const since = saidOf(merged, stored).filter((field) => ![...own, ...other].some((one) => isSame(field, one)));
    const isTheirs = (field: ProfileField): boolean => {
      const named = identityInField(name, field.value);
      const key = named === undefined ? undefined : identityKey(named);
      // A number that nobody is known by says nothing of whose it is.
      return key !== undefined && (isLosers(key) || known.has(key)) ? isLosers(key) : cameToLoser(field);
    };
    placeField(ours, stored, decideField([...own, ...since.filter((field) => !isTheirs(field))], name, ownerRank));
    placeField(theirs, stored, decideField([...other, ...since.filter(isTheirs)], name, ownerRank));
  }
  for (const side of [ours, theirs]) removeSaid(side, isAnothers(merged, before, known));
  return { ours, theirs };
}

/** What was found to be nobody's of the two, or was only claimed and has gone to another, does not come back with what was before. */
function isAnothers({ disowned = [] }: Profile, { winner, loser }: UnmergeContext['before'], known: ReadonlySet<string>): (stored: string, field: ProfileField) => boolean {
  const gone = new Set([...winner.identities, ...loser.identities].map(identityKey).filter((key) => !known.has(key)));
  return (stored, { value, isVerified }) => {
    const named = disowned.length + gone.size === 0 ? undefined : identityInField(decodeStoredKey(stored), value);
    const key = named === undefined ? undefined : identityKey(named);
    return key !== undefined && (disowned.includes(key) || (isVerified !== true && gone.has(key)));
  };
}

function isSame(one: ProfileField, other: ProfileField): boolean {
  return one.at === other.at && one.source === other.source && one.origin === other.origin && isSameJson(one.value, other.value);
}

function subtract(activity: Profile['activity'], { winner, loser }: UnmergeContext['before']): Profile['activity'] {
  return Object.fromEntries(Object.entries(activity).flatMap(([key, counter]): [string, Activity][] => {
    const theirs = Object.hasOwn(loser.activity, key) ? loser.activity[key] : undefined;
    if (theirs === undefined) return [[key, counter]];
    const ours = Object.hasOwn(winner.activity, key) ? winner.activity[key] : undefined;
    const total = counter.total - theirs.total;
    if (total <= 0) return ours === undefined ? [] : [[key, ours]];
    const isNews = total > (ours?.total ?? 0);
    const left: Activity = { ...counter, total, days: less(counter.days, theirs.days), first: ours?.first ?? counter.first, last: isNews || ours === undefined ? counter.last : ours.last };
    if (counter.sum !== undefined) Object.assign(left, { sum: counter.sum - (theirs.sum ?? 0), sums: less(counter.sums ?? {}, theirs.sums ?? {}) });
    if (counter.times !== undefined) left.times = counter.times.filter((at) => theirs.times?.includes(at) !== true);
    return [[key, left]];
  }));
}

function less(days: Record<string, number>, others: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(days).flatMap(([day, count]) => (count === (others[day] ?? 0) ? [] : [[day, count - (others[day] ?? 0)]])));
}
