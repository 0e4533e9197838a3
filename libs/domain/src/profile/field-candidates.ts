import type { Profile, ProfileField } from './profile.js';
import { correctedAtOf, isPast, mayWin, weigh, type OwnerRank } from './winning-field.js';

/** Of a field so many values are kept besides the one that won; of more sources than that, those of the latest word. */
export const MAX_CANDIDATES = 10;

const EQUAL: OwnerRank = () => 0;

/** The fields of a profile with what lost. */
export type FieldsOfProfile = Pick<Profile, 'fields' | 'candidates'>;

/** Who wins of all that is said of a field, and what is kept besides. */
export interface DecidedField {
  /** Undefined where nobody who says something may write the field. */
  winner: ProfileField | undefined;
  /** The freshest first. */
  others: ProfileField[];
}

/** All that is said of a field, by its stored key: who won first. */
export function saidOf({ fields, candidates }: FieldsOfProfile, key: string): ProfileField[] {
  const others = othersOf({ candidates }, key) ?? [];
  return Object.hasOwn(fields, key) ? [fields[key] as ProfileField, ...others] : [...others];
}

/** What lost, by the stored key of its field. */
export function othersOf({ candidates }: Partial<Pick<Profile, 'candidates'>>, key: string): readonly ProfileField[] | undefined {
  return candidates !== undefined && Object.hasOwn(candidates, key) ? candidates[key] : undefined;
}

/** The stored keys of all fields of which anything is said. */
export function keysOfFields({ fields, candidates }: FieldsOfProfile): string[] {
  return candidates === undefined ? Object.keys(fields) : [...new Set([...Object.keys(fields), ...Object.keys(candidates)])];
}

/**
 * Decides between all that is said of a field: of each source its last word counts, nothing of before a correction, and of these the first by `weigh` that may write. A function of the set: neither the order of what is
 * given nor how it came together matters, and deciding again what came of it changes nothing.
 *
 * @example decideField([...saidOf(one, key), ...saidOf(other, key)], 'city', ownerRank).winner
 */
export function decideField(said: readonly ProfileField[], field: string, ownerRank: OwnerRank): DecidedField {
  const [only] = said;
  if (said.length === 1 && only !== undefined && mayWin(only, field, ownerRank)) return { winner: only, others: [] };
  const left = lastWords(said, field, ownerRank);
  let winner: ProfileField | undefined;
  for (const one of left) if (mayWin(one, field, ownerRank) && (winner === undefined || weigh(one, winner, field, ownerRank) > 0)) winner = one;
  return { winner, others: freshest(left.filter((one) => one !== winner), field) };
}

/** Puts what was decided into a profile, in place. Lists are replaced, never changed: another profile may hold them too. */
export function placeField(profile: FieldsOfProfile, key: string, { winner, others }: DecidedField): void {
  if (winner === undefined) delete profile.fields[key];
  else profile.fields[key] = winner;
  if (others.length > 0) (profile.candidates ??= {})[key] = others;
  else if (profile.candidates !== undefined) {
    delete profile.candidates[key];
    for (const _ in profile.candidates) return;
    delete profile.candidates;
  }
}

/** A list of what lost with one more, whose source is not in it yet: what `decideField` would make of them. */
export function withCandidate(others: readonly ProfileField[] | undefined, loser: ProfileField, field: string): ProfileField[] {
  if (others === undefined) return [loser];
  const at = others.findIndex((one) => weigh(loser, one, field, EQUAL) > 0);
  const list = at === -1 ? [...others, loser] : [...others.slice(0, at), loser, ...others.slice(at)];
  return list.length > MAX_CANDIDATES ? list.slice(0, MAX_CANDIDATES) : list;
}

/**
 * Takes some of what is said of fields out of a profile, in place. Where the winner goes, the field is empty until somebody decides it anew.
 *
 * @returns the stored keys of the fields whose winner is gone
 */
export function removeSaid(profile: FieldsOfProfile, isGone: (key: string, field: ProfileField) => boolean): string[] {
  return keysOfFields(profile).filter((key) => {
    const winner = Object.hasOwn(profile.fields, key) ? profile.fields[key] : undefined;
    const others = othersOf(profile, key) ?? [];
    const isWinnerGone = winner !== undefined && isGone(key, winner);
    const left = others.filter((one) => !isGone(key, one));
    if (isWinnerGone || left.length < others.length) placeField(profile, key, { winner: isWinnerGone ? undefined : winner, others: left });
    return isWinnerGone;
  });
}

/** Of each source the best, none of before the last correction, and each knowing when that was. */
function lastWords(said: readonly ProfileField[], field: string, ownerRank: OwnerRank): ProfileField[] {
  const bySource = new Map<string, ProfileField>();
  let floor: number | undefined;
  for (const one of said) {
    floor = correctedAtOf(one, { ...(floor === undefined ? {} : { correctedAt: floor }) });
    const known = bySource.get(one.source);
    if (known === undefined || weigh(one, known, field, ownerRank) > 0) bySource.set(one.source, one);
  }
  const words = [...bySource.values()];
  if (floor === undefined) return words;
  const correctedAt = floor;
  return words.flatMap((one) => (isPast(one, correctedAt) ? [] : [one.correctedAt === correctedAt ? one : { ...one, correctedAt }]));
}

/** By no rule that a workspace can change, so that what is kept does not depend on when rules changed. */
function freshest(fields: ProfileField[], field: string): ProfileField[] {
  return fields.length < 2 ? fields : fields.sort((one, other) => -weigh(one, other, field, EQUAL)).slice(0, MAX_CANDIDATES);
}
