import type { CanonicalRecord, Identity } from '../canonical/canonical-record.js';
import { identityKey, parseIdentityKey } from '../identity/identity-key.js';
import { forgetLinks } from '../identity/named-link.js';
import { removeSaid } from './field-candidates.js';
import { forgetGoneId } from './gone-ids.js';
import { identityInField } from './identity-field.js';
import { forgetParted } from './parted-there.js';
import type { Profile } from './profile.js';
import { forgetSharedKey } from './shared-keys.js';
import { decodeStoredKey, encodeStoredKey } from './stored-key.js';

/**
 * Takes an identity that was not this person's off a profile, in place, with the fields that hold it, and notes that it is not. Gives the canonical names of the fields that are gone.
 *
 * @param key `namespace|value`
 * @example disownIdentity(profile, 'email|ana@exmaple.com') // ['email']
 */
export function disownIdentity(profile: Profile, key: string): string[] {
  const gone = forgetIdentity(profile, key);
  profile.disowned = [...new Set([...(profile.disowned ?? []), key])].sort();
  return gone;
}

/** Takes an identity off a profile, in place, with the fields that hold it. Gives the canonical names of the fields that are gone. */
export function forgetIdentity(profile: Profile, key: string): string[] {
  const { namespace, value } = parseIdentityKey(key);
  profile.identities = profile.identities.filter((identity) => identity.namespace !== namespace || identity.value !== value);
  profile.verifiedKeys = profile.verifiedKeys.filter((verified) => verified !== key);
  forgetSharedKey(profile, key);
  forgetGoneId(profile, key);
  forgetLinks(profile, key);
  forgetParted(profile, key);
  if (profile.provenAt !== undefined) profile.provenAt = Object.fromEntries(Object.entries(profile.provenAt).filter(([stored]) => stored !== encodeStoredKey(key)));
  return removeSaid(profile, (stored, field) => {
    const identity = identityInField(decodeStoredKey(stored), field.value);
    return identity !== undefined && identityKey(identity) === key;
  }).map(decodeStoredKey);
}

/** What stands in a profile for an identity that it disowns and whose person was erased: by it the identity is still told from the profile's own, and is not named. */
export function disownedMask(digest: string): string {
  return `erased|${digest}`;
}

/** What both of two people who are one disown, but for what either has. */
export function disownedOf(identities: readonly Identity[], ...people: readonly Pick<Profile, 'disowned'>[]): Pick<Profile, 'disowned'> {
  const own = new Set(identities.map(identityKey));
  const disowned = [...new Set(people.flatMap((person) => person.disowned ?? []))].filter((key) => !own.has(key)).sort();
  return disowned.length === 0 ? {} : { disowned };
}

/**
 * A record without identities that the person whom it names has disowned, and without the fields that hold them: what comes with them is not that person's. The same record where there are none; what is left
 * out is flagged.
 *
 * @param isDisowned by identity key
 * @example withoutDisowned(record, (key) => key === 'email|ana@exmaple.com').identities
 */
export function withoutDisowned(record: CanonicalRecord, isDisowned: (key: string) => boolean): CanonicalRecord {
  const gone = record.identities.filter((identity) => isDisowned(identityKey(identity)));
  if (gone.length === 0) return record;
  const holds = ([field, value]: [string, CanonicalRecord['profile'][string]]): boolean => {
    const identity = identityInField(field, value);
    return identity !== undefined && isDisowned(identityKey(identity));
  };
  return {
    ...record, identities: record.identities.filter((identity) => !gone.includes(identity)), profile: Object.fromEntries(Object.entries(record.profile).filter((entry) => !holds(entry))),
    flags: [...record.flags, ...new Set(gone.map(({ namespace }) => `identity-disowned:${namespace}`))],
  };
}
