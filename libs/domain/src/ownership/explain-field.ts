import { othersOf } from '../profile/field-candidates.js';
import type { Profile, ProfileField } from '../profile/profile.js';
import { encodeStoredKey } from '../profile/stored-key.js';
import { MAY_NOT_WRITE, weigh, WINNING_REASONS } from '../profile/winning-field.js';
import type { Ownership } from './compile-ownership.js';

/** Why a value won, or which rule put another behind it. */
export const FIELD_REASONS = ['only-source', 'correction', 'verified', 'newer-than-correction', 'owner', 'priority', 'newest', 'tie', 'source-removed', 'may-not-write'] as const;
export type FieldReason = (typeof FIELD_REASONS)[number];

/** What is said of one field, and why it stands as it does. */
export interface ExplainedField {
  /** What stands; undefined where nobody who says something may write the field. */
  winner: ProfileField | undefined;
  /** Why it does: what sets it apart from the next best. `only-source` where nobody else may win; `may-not-write` where nobody may. */
  why: FieldReason;
  /** What lost, the freshest first, each with what put it behind. */
  candidates: { field: ProfileField; lostBy: FieldReason }[];
}

/**
 * Why the value of a field won, and over what.
 *
 * @param field canonical name, `custom.shoeSize`
 * @example explainField(profile, 'city', ownership).why // 'owner'
 */
export function explainField(profile: Pick<Profile, 'fields' | 'candidates'>, field: string, ownership: Ownership): ExplainedField {
  const key = encodeStoredKey(field);
  const winner = Object.hasOwn(profile.fields, key) ? profile.fields[key] : undefined;
  const others = othersOf(profile, key) ?? [];
  const candidates = others.map((other) => ({ field: other, lostBy: winner === undefined ? 'may-not-write' as const : reasonBetween(winner, other, field, ownership) }));
  if (winner === undefined) return { winner, why: 'may-not-write', candidates };
  if (winner.correction !== undefined) return { winner, why: 'correction', candidates };
  const rivals = candidates.filter(({ lostBy }) => lostBy !== 'may-not-write');
  const best = rivals.reduce<(typeof rivals)[number] | undefined>((first, one) => (first === undefined || weigh(one.field, first.field, field, ownership.rank) > 0 ? one : first), undefined);
  return { winner, why: best?.lostBy ?? 'only-source', candidates };
}

function reasonBetween(winner: ProfileField, loser: ProfileField, field: string, ownership: Ownership): FieldReason {
  if (loser.correction === undefined && ownership.rank(field, loser.source) === MAY_NOT_WRITE) return 'may-not-write';
  const reason = WINNING_REASONS[Math.abs(weigh(winner, loser, field, ownership.rank))] ?? '';
  if (reason !== 'owner') return reason === '' ? 'tie' : reason;
  // A rank stands for the master, for a place in the order, or for a source that is there no more.
  if (!ownership.isThere(loser.source)) return 'source-removed';
  return ownership.of(field).policy === 'priority' && !ownership.isMaster(field, winner.source) ? 'priority' : 'owner';
}
