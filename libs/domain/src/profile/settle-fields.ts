import { readProfileField } from '../canonical/read-profile-field.js';
import type { Dictionary, FieldSettlement } from '../canonical/dictionary.js';
import { isSameJson } from './canonical-json.js';
import { decideField, placeField, saidOf } from './field-candidates.js';
import { fieldOf } from './field-of.js';
import type { Profile, ProfileField } from './profile.js';
import { encodeStoredKey } from './stored-key.js';
import type { OwnerRank } from './winning-field.js';

/** A profile whose values are those that the dictionary has now. */
export interface SettledProfile {
  /** The same object when nothing had to be done; the one that was given is never changed. */
  profile: Profile;
  /** Canonical names of the fields that are other ones now, or gone. */
  fields: string[];
}

/**
 * Brings the values of a profile to what its dictionary has now, as was chosen when a field changed: converted, dropped, or moved to the new name. A value that cannot be
 * converted goes; one that moves competes with what is there. What lost before is brought to it too. Doing it again changes nothing.
 *
 * @example settleFields(profile, dictionary).profile.fields
 */
export function settleFields(profile: Profile, dictionary: Pick<Dictionary, 'settlements' | 'readers'>, ownerRank: OwnerRank = () => 0): SettledProfile {
  let settled: Profile | undefined;
  const touched = new Set<string>();
  for (const [name, settlement] of dictionary.settlements) {
    const key = encodeStoredKey(name);
    const said = saidOf(settled ?? profile, key);
    if (said.length === 0 || said.every((one) => isSettled(one, name, settlement, dictionary))) continue;
    settled ??= { ...profile, fields: { ...profile.fields }, ...(profile.candidates === undefined ? {} : { candidates: { ...profile.candidates } }) };
    const target = settlement.action === 'move' ? settlement.to : name;
    const read = said.flatMap((one) => settleValue(one, name, target, settlement, dictionary));
    const before = fieldOf(settled, name);
    if (target === name) placeField(settled, key, decideField(read, name, ownerRank));
    else {
      placeField(settled, key, { winner: undefined, others: [] });
      const there = fieldOf(settled, target);
      const targetKey = encodeStoredKey(target);
      placeField(settled, targetKey, decideField([...saidOf(settled, targetKey), ...read], target, ownerRank));
      if (fieldOf(settled, target) !== there) touched.add(target);
    }
    if (fieldOf(settled, name) !== before) touched.add(name);
  }
  return settled === undefined ? { profile, fields: [] } : { profile: settled, fields: [...touched] };
}

function settleValue(said: ProfileField, name: string, target: string, settlement: FieldSettlement, dictionary: Pick<Dictionary, 'readers'>): ProfileField[] {
  if (isSettled(said, name, settlement, dictionary)) return [said];
  const value = settlement.action === 'drop' ? undefined : readProfileField(dictionary, target, said.value);
  return value === undefined ? [] : [{ ...said, value }];
}

function isSettled({ value }: ProfileField, name: string, { action }: FieldSettlement, dictionary: Pick<Dictionary, 'readers'>): boolean {
  return action !== 'move' && isSameJson(value, readProfileField(dictionary, name, value));
}
