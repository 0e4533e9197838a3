import type { CanonicalRecord } from '../canonical/canonical-record.js';
import { identityKey } from '../identity/identity-key.js';
import type { Profile } from './profile.js';
import { decodeStoredKey, encodeStoredKey } from './stored-key.js';

type WithGone = Pick<Profile, 'goneIds'>;

/**
 * Notes by which ids a system does not know a person any more, in place: those of a deletion, and of an alias all of a namespace but the first, which stands for the others from then on. A later record that
 * names one takes it back.
 *
 * @param isForeign whether an identity of the record, by its key, is another person's
 * @example noteGone(profile, { type: 'alias', identities: [kept, gone], occurredAt }, () => false)
 */
export function noteGone(profile: WithGone, { type, identities, occurredAt }: Pick<CanonicalRecord, 'type' | 'identities' | 'occurredAt'>, isForeign: (key: string) => boolean): void {
  if (type !== 'delete' && type !== 'alias' && profile.goneIds === undefined) return;
  const goneIds = { ...profile.goneIds };
  const named = new Set<string>();
  for (const identity of identities) {
    const key = identityKey(identity);
    if (isForeign(key)) continue;
    const stored = encodeStoredKey(key);
    const isGone = type === 'delete' || (type === 'alias' && named.has(identity.namespace));
    named.add(identity.namespace);
    if (isGone) goneIds[stored] = Math.max(occurredAt, goneIds[stored] ?? 0);
    else if ((goneIds[stored] ?? Infinity) < occurredAt) delete goneIds[stored];
  }
  put(profile, goneIds);
}

/** What of it stays with one of two, as they become one or are told apart: absent for none. */
export function goneIdsOf(isOwn: (key: string) => boolean, ...people: readonly WithGone[]): WithGone {
  const kept: WithGone = {};
  const all = people.flatMap(({ goneIds = {} }) => Object.entries(goneIds)).filter(([stored]) => isOwn(decodeStoredKey(stored)));
  put(kept, Object.fromEntries(all.sort(([, one], [, other]) => one - other)));
  return kept;
}

/** Takes a key off them, in place. */
export function forgetGoneId(profile: WithGone, key: string): void {
  if (profile.goneIds !== undefined) put(profile, goneIdsOf((gone) => gone !== key, profile).goneIds ?? {});
}

/** Whether a system has said that it does not know the person by this id any more. */
export function isGoneId({ goneIds = {} }: WithGone, key: string): boolean {
  return Object.hasOwn(goneIds, encodeStoredKey(key));
}

function put(profile: WithGone, goneIds: Record<string, number>): void {
  if (Object.keys(goneIds).length > 0) profile.goneIds = goneIds;
  else delete profile.goneIds;
}
