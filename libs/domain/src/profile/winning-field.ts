import { canonicalJson } from './canonical-json.js';
import { isIdentityField } from './identity-field.js';
import type { ProfileField } from './profile.js';

/** How much a source owns a field: the lower rank wins, whatever the times; who has {@link MAY_NOT_WRITE} never does. A number, never NaN, the same for the whole fold. */
export interface OwnerRank {
  (field: string, source: string): number;
  /** Of two of one rank and time the lower wins; absent where none comes before another. */
  priorityOf?(field: string, source: string): number;
  /** Whether there may be a source that may not write a field. */
  refusesSome?: boolean;
}

/** The rank of a source whose value of a field is kept and never wins. */
export const MAY_NOT_WRITE = Infinity;

/** Why one value of a field comes before another, in the order in which it is asked; the place in this list is what {@link weigh} gives. */
export const WINNING_REASONS = ['', 'correction', 'verified', 'newer-than-correction', 'owner', 'newest', 'priority', 'tie'] as const;
export type WinningReason = Exclude<(typeof WINNING_REASONS)[number], ''>;

const [, CORRECTION, VERIFIED, NEWER_THAN_CORRECTION, OWNER, NEWEST, PRIORITY, TIE] = [0, 1, 2, 3, 4, 5, 6, 7] as const;

/**
 * Which of two values of a field comes first: more than 0 for the candidate, less for the stored one, 0 where they are the same; the amount says by which of {@link WINNING_REASONS}. What is older than a correction loses to it, whoever
 * owns the field, and what is newer competes as if there were nothing before. Then, in turn: for a field that names an identity, what a verified record brought (who holds a public key must not turn what the person agreed to
 * towards another address); anything newer before the correction itself; the lower owner rank, the newer event time, the lower priority, the greater messageId; then source and value, so that the order is total and a fold ends the
 * same in any order.
 *
 * @example WINNING_REASONS[Math.abs(weigh(winner, loser, 'city', ownerRank))] // 'newest'
 */
export function weigh(candidate: ProfileField, stored: ProfileField, field: string, ownerRank: OwnerRank): number {
  const floor = correctedAtOf(candidate, stored);
  if (floor !== undefined && isPast(candidate, floor) !== isPast(stored, floor)) return isPast(stored, floor) ? CORRECTION : -CORRECTION;
  if (candidate.isVerified !== stored.isVerified && isIdentityField(field)) return candidate.isVerified === true ? VERIFIED : -VERIFIED;
  if ((candidate.correction === undefined) !== (stored.correction === undefined)) return candidate.correction === undefined ? NEWER_THAN_CORRECTION : -NEWER_THAN_CORRECTION;
  const isOfOne = candidate.source === stored.source;
  if (!isOfOne) {
    const rank = ownerRank(field, candidate.source) - ownerRank(field, stored.source);
    // Two that may not write are one as good as the other: Infinity less Infinity is no number.
    if (rank !== 0 && !Number.isNaN(rank)) return rank < 0 ? OWNER : -OWNER;
  }
  if (candidate.at !== stored.at) return candidate.at > stored.at ? NEWEST : -NEWEST;
  if (!isOfOne && ownerRank.priorityOf !== undefined) {
    const priority = ownerRank.priorityOf(field, candidate.source) - ownerRank.priorityOf(field, stored.source);
    if (priority !== 0) return priority < 0 ? PRIORITY : -PRIORITY;
  }
  return weighTie(candidate, stored);
}

function weighTie(candidate: ProfileField, stored: ProfileField): number {
  if (candidate.origin !== stored.origin) return candidate.origin > stored.origin ? TIE : -TIE;
  if (candidate.source !== stored.source) return candidate.source > stored.source ? TIE : -TIE;
  const [one, other] = [canonicalJson(candidate.value), canonicalJson(stored.value)];
  return one === other ? 0 : one > other ? TIE : -TIE;
}

/**
 * Whether a candidate takes the place of the stored value of a field, by the order of {@link weigh}.
 *
 * @example isWinning(candidate, stored, 'city', ownerRank)
 */
export function isWinning(candidate: ProfileField, stored: ProfileField, field: string, ownerRank: OwnerRank): boolean {
  return weigh(candidate, stored, field, ownerRank) > 0;
}

/** Whether a value may win at all. A correction may always. */
export function mayWin({ source, correction }: Pick<ProfileField, 'source' | 'correction'>, field: string, ownerRank: OwnerRank): boolean {
  return ownerRank.refusesSome !== true || correction !== undefined || ownerRank(field, source) !== MAY_NOT_WRITE;
}

/** The last time at which a field was corrected, as far as either knows; undefined for never. */
export function correctedAtOf(one: Pick<ProfileField, 'correctedAt'>, other: Pick<ProfileField, 'correctedAt'>): number | undefined {
  return one.correctedAt === undefined ? other.correctedAt : Math.max(one.correctedAt, other.correctedAt ?? -Infinity);
}

/** Whether a value is of before a correction. */
export function isPast({ at, correction }: Pick<ProfileField, 'at' | 'correction'>, correctedAt: number): boolean {
  return correction === undefined ? at <= correctedAt : at < correctedAt;
}
