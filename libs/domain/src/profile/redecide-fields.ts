import { isSameJson } from './canonical-json.js';
import { decideField, keysOfFields, othersOf, placeField, saidOf } from './field-candidates.js';
import type { Profile, ProfileField } from './profile.js';
import { decodeStoredKey } from './stored-key.js';
import { isWinning, mayWin, type OwnerRank } from './winning-field.js';

/** A profile whose fields are won by the rules of now. */
export interface RedecidedProfile {
  /** The same object when every field is won by the same value; the one that was given is never changed. */
  profile: Profile;
  /** Canonical names of the fields whose value is another one now, or gone. */
  fields: string[];
}

/**
 * Decides every field of a profile anew by the rules that hold now: after a change of the rules, or when the value that had won is gone, the next best wins. Who has no candidates and whom no rule refuses costs nothing. Doing it again
 * changes nothing.
 *
 * @example redecideFields(profile, configuration.ownerRank).fields // ['city']
 */
export function redecideFields(profile: Profile, ownerRank: OwnerRank): RedecidedProfile {
  if (profile.candidates === undefined && ownerRank.refusesSome !== true) return { profile, fields: [] };
  let decided: Profile | undefined;
  const changed: string[] = [];
  for (const key of ownerRank.refusesSome === true ? keysOfFields(profile) : Object.keys(profile.candidates ?? {})) {
    const stored = Object.hasOwn(profile.fields, key) ? profile.fields[key] : undefined;
    const field = decodeStoredKey(key);
    if (stored !== undefined && isStillFirst(stored, othersOf(profile, key) ?? [], field, ownerRank)) continue;
    const outcome = decideField(saidOf(profile, key), field, ownerRank);
    if (outcome.winner === stored) continue;
    decided ??= { ...profile, fields: { ...profile.fields }, ...(profile.candidates === undefined ? {} : { candidates: { ...profile.candidates } }) };
    placeField(decided, key, outcome);
    if (!isSameJson(outcome.winner?.value, stored?.value)) changed.push(field);
  }
  return { profile: decided ?? profile, fields: changed };
}

/** The usual case, and asked of everybody who is read: nothing is made for it. */
function isStillFirst(winner: ProfileField, others: readonly ProfileField[], field: string, ownerRank: OwnerRank): boolean {
  if (!mayWin(winner, field, ownerRank)) return false;
  for (const other of others) if (isWinning(other, winner, field, ownerRank) && mayWin(other, field, ownerRank)) return false;
  return true;
}
