import type { Profile } from './profile.js';

/**
 * What of the identities that people share with others stays with one of them, as two become one or are told apart, or as an identity is taken off: absent for none.
 *
 * @param isOwn whether a key stays
 * @example sharedKeysOf((key) => key !== 'anonymousId|tablet', profile)
 */
export function sharedKeysOf(isOwn: (key: string) => boolean, ...people: readonly Pick<Profile, 'sharedKeys'>[]): Pick<Profile, 'sharedKeys'> {
  const sharedKeys = [...new Set(people.flatMap((person) => person.sharedKeys ?? []))].filter(isOwn).sort();
  return sharedKeys.length === 0 ? {} : { sharedKeys };
}

/** Takes a key off what a profile shares, in place. */
export function forgetSharedKey(profile: Profile, key: string): void {
  const left = sharedKeysOf((shared) => shared !== key, profile);
  delete profile.sharedKeys;
  Object.assign(profile, left);
}
