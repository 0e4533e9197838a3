import type { CanonicalRecord, Identity } from '../canonical/canonical-record.js';
import { identityKey } from '../identity/identity-key.js';
import type { Profile } from './profile.js';
import { decodeStoredKey, encodeStoredKey } from './stored-key.js';

type WithGone = Pick<Profile, 'goneIds' | 'mergedIds'>;

/**
 * Notes by which ids a system does not know a person any more, in place: those of a deletion, and of an alias all of a namespace but the first, which stands for the others from then on. So it does of ids that the system has given out
 * itself, in any record: it has merged what they named. A later record that names one takes it back; of one that was merged away only the system can.
 *
 * @param isForeign whether an identity of the record, by its key, is another person's
 * @param isOwnId whether the system that says so has given out an identity
 * @example noteGone(profile, { type: 'alias', identities: [kept, gone], occurredAt }, () => false)
 */
export function noteGone(profile: WithGone, { type, identities, occurredAt }: Pick<CanonicalRecord, 'type' | 'identities' | 'occurredAt'>, isForeign: (key: string) => boolean, isOwnId: (identity: Identity) => boolean = () => false): void {
  const own = identities.filter((identity) => !isForeign(identityKey(identity)));
  if (type !== 'delete' && type !== 'alias' && profile.goneIds === undefined && own.filter(isOwnId).length < 2) return;
  const goneIds = { ...profile.goneIds };
  const mergedIds = { ...profile.mergedIds };
  const firsts = new Map<string, Identity>();
  for (const identity of own) {
    const key = identityKey(identity);
    const stored = encodeStoredKey(key);
    const first = firsts.get(identity.namespace);
    if (first === undefined) firsts.set(identity.namespace, identity);
    const isMerged = type !== 'delete' && first !== undefined && isOwnId(first) && isOwnId(identity);
    if (type === 'delete' || isMerged || (type === 'alias' && first !== undefined)) {
      goneIds[stored] = Math.max(occurredAt, goneIds[stored] ?? 0);
      if (isMerged && first !== undefined) mergedIds[stored] = identityKey(first);
    } else if ((goneIds[stored] ?? Infinity) < occurredAt && (mergedIds[stored] === undefined || isOwnId(identity))) {
      delete goneIds[stored];
      delete mergedIds[stored];
    }
  }
  put(profile, { goneIds, mergedIds });
}

/** What of it stays with one of two, as they become one or are told apart: absent for none. */
export function goneIdsOf(isOwn: (key: string) => boolean, ...people: readonly WithGone[]): WithGone {
  const kept: WithGone = {};
  const all = people.flatMap(({ goneIds = {} }) => Object.entries(goneIds)).filter(([stored]) => isOwn(decodeStoredKey(stored)));
  // What stands for an id and is another's is nothing to be kept of them.
  const merged = people.flatMap(({ mergedIds = {} }) => Object.entries(mergedIds)).filter(([, key]) => isOwn(key));
  put(kept, { goneIds: Object.fromEntries(all.sort(([, one], [, other]) => one - other)), mergedIds: Object.fromEntries(merged) });
  return kept;
}

/** Takes a key off them, in place. */
export function forgetGoneId(profile: WithGone, key: string): void {
  if (profile.goneIds !== undefined) put(profile, { goneIds: {}, mergedIds: {}, ...goneIdsOf((gone) => gone !== key, profile) });
}

/** Whether a system has said that it does not know the person by this id any more. */
export function isGoneId({ goneIds = {} }: WithGone, key: string): boolean {
  return Object.hasOwn(goneIds, encodeStoredKey(key));
}

/** The key of the id that stands for an id now, by what a system has merged: the id's own where it has not merged it. */
export function standsFor({ mergedIds = {} }: WithGone, key: string): string {
  const passed = new Set<string>();
  for (let at = key; ; ) {
    const next = mergedIds[encodeStoredKey(at)];
    if (next === undefined || passed.has(at)) return at;
    passed.add(at);
    at = next;
  }
}

function put(profile: WithGone, { goneIds, mergedIds }: Required<WithGone>): void {
  delete profile.goneIds;
  delete profile.mergedIds;
  if (Object.keys(goneIds).length === 0) return;
  profile.goneIds = goneIds;
  const merged = Object.entries(mergedIds).filter(([stored]) => Object.hasOwn(goneIds, stored));
  if (merged.length > 0) profile.mergedIds = Object.fromEntries(merged);
}
