import type { CanonicalRecord, Identity } from '../canonical/canonical-record.js';
import { identityKey, parseIdentityKey } from '../identity/identity-key.js';
import type { PartedThere, Profile } from './profile.js';

type WithParted = Pick<Profile, 'parted'>;
type IsOwnId = (identity: Identity) => boolean;

/**
 * What of it is of one of two who are told apart: absent for none. From whom they were apart before they became one, they are again.
 *
 * @param isOwn by identity key
 */
export function partedOf(isOwn: (key: string) => boolean, { parted: now = [] }: WithParted, { parted: before = [] }: WithParted): WithParted {
  return ofList([...now, ...before.filter(({ mergeId, id }) => !now.some((one) => one.mergeId === mergeId && one.id === id))].filter(({ id }) => isOwn(id)));
}

/** What two who are one keep of it: they are not apart any more. */
export function joinParted(...people: readonly [WithParted, WithParted]): WithParted {
  const [one = [], other = []] = people.map(({ parted }) => parted);
  const isOver = (entry: PartedThere, others: readonly PartedThere[]): boolean => others.some(({ mergeId, strangers }) => mergeId === entry.mergeId && (strangers === undefined) !== (entry.strangers === undefined));
  return ofList([...one.filter((entry) => !isOver(entry, other)), ...other.filter((entry) => !isOver(entry, one))]);
}

/** Takes a key off it, in place. */
export function forgetParted(profile: WithParted, key: string): void {
  put(profile, (profile.parted ?? []).flatMap((entry) => (entry.id === key ? [] : [withoutKeys(entry, (one) => one === key)])));
}

/**
 * Hears, in place, by what a system names a person whose record it had merged into somebody else's: by what it names a record of their own now, that record is found. One that it names by the id of before is theirs again.
 *
 * @param isOwnId whether the system has given out an identity
 */
export function hearParted(profile: WithParted, { type, identities, occurredAt }: Pick<CanonicalRecord, 'type' | 'identities' | 'occurredAt'>, isOwnId: IsOwnId): void {
  const [first] = identities.filter(isOwnId).map(identityKey);
  if (profile.parted === undefined || first === undefined || type === 'delete') return;
  const named = new Set(identities.map(identityKey));
  put(profile, profile.parted.flatMap((entry) => {
    const { own, id, at } = entry;
    if (own === undefined || at >= occurredAt || !isOwnId(parseIdentityKey(id))) return [entry];
    return own.includes(first) ? [] : [withoutKeys(entry, (key) => named.has(key) && !isOwnId(parseIdentityKey(key)))];
  }));
}

/** Keys of the person by which a system's record of somebody else may be found. */
export function partedKeys({ parted = [] }: WithParted, isOwnId: IsOwnId): Set<string> {
  return new Set(parted.flatMap(({ id, own = [] }) => (isOwnId(parseIdentityKey(id)) ? own : [])));
}

function withoutKeys(entry: PartedThere, isGone: (key: string) => boolean): PartedThere {
  return entry.own === undefined ? entry : { ...entry, own: entry.own.filter((key) => !isGone(key)) };
}

function ofList(parted: PartedThere[]): WithParted {
  return parted.length === 0 ? {} : { parted };
}

function put(profile: WithParted, parted: PartedThere[]): void {
  delete profile.parted;
  Object.assign(profile, ofList(parted));
}
