import { identityKey, parseIdentityKey } from '../identity/identity-key.js';
import { forgetLinks } from '../identity/named-link.js';
import { removeSaid } from './field-candidates.js';
import { identityInField } from './identity-field.js';
import type { Profile } from './profile.js';
import { forgetGoneId } from './gone-ids.js';
import { forgetSharedKey } from './shared-keys.js';
import { decodeStoredKey } from './stored-key.js';

/**
 * Takes an identity that was only claimed off a profile, in place, and with it the field that an unverified record filled with the same value.
 * Gives the canonical names of the fields that are gone. Other traits that came with the claim stay: whose they are is not known.
 *
 * @param key `namespace|value`
 * @example releaseIdentity(profile, 'email|ana@example.com') // ['email']
 */
export function releaseIdentity(profile: Profile, key: string): string[] {
  const { namespace, value } = parseIdentityKey(key);
  profile.identities = profile.identities.filter((identity) => identity.namespace !== namespace || identity.value !== value);
  forgetSharedKey(profile, key);
  forgetGoneId(profile, key);
  forgetLinks(profile, key);
  return removeSaid(profile, (stored, field) => {
    if (field.isVerified === true) return false;
    const identity = identityInField(decodeStoredKey(stored), field.value);
    return identity !== undefined && identityKey(identity) === key;
  }).map(decodeStoredKey);
}
