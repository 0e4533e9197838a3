import type { Profile, ProfileField } from './profile.js';
import { encodeStoredKey } from './stored-key.js';

/**
 * The stored field of a profile by its canonical name; the one way to read it, since stored names are encoded.
 * A field that was unset is there with the value null.
 *
 * @example fieldOf(profile, 'custom.shoeSize')?.value
 */
export function fieldOf(profile: Pick<Profile, 'fields'>, name: string): ProfileField | undefined {
  const key = encodeStoredKey(name);
  return Object.hasOwn(profile.fields, key) ? profile.fields[key] : undefined;
}
