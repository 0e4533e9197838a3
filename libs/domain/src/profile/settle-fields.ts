import { readProfileField } from '../canonical/read-profile-field.js';
import type { Dictionary, FieldSettlement } from '../canonical/dictionary.js';
import { isSameJson } from './canonical-json.js';
import type { Profile, ProfileField } from './profile.js';
import { encodeStoredKey } from './stored-key.js';

/** A profile whose values are those that the dictionary has now. */
export interface SettledProfile {
  /** The same object when nothing had to be done; the one that was given is never changed. */
  profile: Profile;
  /** Canonical names of the fields that are other ones now, or gone. */
  fields: string[];
}

/**
 * Brings the values of a profile to what its dictionary has now, as was chosen when a field changed: converted, dropped, or moved to the new name. A value that cannot be
 * converted goes; one that moves and meets another keeps out of its way if it is older. Doing it again changes nothing.
 *
 * @example settleFields(profile, dictionary).profile.fields
 */
export function settleFields(profile: Profile, dictionary: Pick<Dictionary, 'settlements' | 'readers'>): SettledProfile {
  let fields: Record<string, ProfileField> | undefined;
  const touched = new Set<string>();
  for (const [name, settlement] of dictionary.settlements) {
    const key = encodeStoredKey(name);
    const current = fields ?? profile.fields;
    const stored = Object.hasOwn(current, key) ? current[key] : undefined;
    if (stored === undefined || isSettled(stored, name, settlement, dictionary)) continue;
    fields ??= { ...profile.fields };
    delete fields[key];
    touched.add(name);
    const target = settlement.action === 'move' ? settlement.to : name;
    const value = settlement.action === 'drop' ? undefined : readProfileField(dictionary, target, stored.value);
    if (value === undefined) continue;
    const targetKey = encodeStoredKey(target);
    const there = Object.hasOwn(fields, targetKey) ? fields[targetKey] : undefined;
    if (there !== undefined && there.at >= stored.at) continue;
    fields[targetKey] = { ...stored, value };
    touched.add(target);
  }
  return fields === undefined ? { profile, fields: [] } : { profile: { ...profile, fields }, fields: [...touched] };
}

function isSettled({ value }: ProfileField, name: string, { action }: FieldSettlement, dictionary: Pick<Dictionary, 'readers'>): boolean {
  return action !== 'move' && isSameJson(value, readProfileField(dictionary, name, value));
}
