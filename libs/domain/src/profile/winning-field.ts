import { canonicalJson } from './canonical-json.js';
import { isIdentityField } from './identity-field.js';
import type { ProfileField } from './profile.js';

/** How much a source owns a field: the lower rank wins, whatever the times. A number, never NaN, the same for the whole fold. */
export type OwnerRank = (field: string, source: string) => number;

/**
 * Whether a candidate takes the place of the stored value of a field. What is older than a correction loses to it, whoever owns the field, and what is newer competes as if there were nothing before. Then, in turn: for a
 * field that names an identity, what a verified record brought (who holds a public key must not turn what the person agreed to towards another address); anything newer before the correction itself; the lower owner
 * rank, the newer event time, the greater messageId; then source and value, so that the order is total and a fold ends the same in any order.
 *
 * @example isWinning(candidate, stored, 'city', ownerRank)
 */
export function isWinning(candidate: ProfileField, stored: ProfileField, field: string, ownerRank: OwnerRank): boolean {
  const floor = correctedAtOf(candidate, stored);
  if (floor !== undefined && isPast(candidate, floor) !== isPast(stored, floor)) return isPast(stored, floor);
  if (isIdentityField(field) && candidate.isVerified !== stored.isVerified) return candidate.isVerified === true;
  if ((candidate.correction === undefined) !== (stored.correction === undefined)) return candidate.correction === undefined;
  if (candidate.source !== stored.source) {
    const candidateRank = ownerRank(field, candidate.source);
    const storedRank = ownerRank(field, stored.source);
    if (candidateRank !== storedRank) return candidateRank < storedRank;
  }
  if (candidate.at !== stored.at) return candidate.at > stored.at;
  if (candidate.origin !== stored.origin) return candidate.origin > stored.origin;
  if (candidate.source !== stored.source) return candidate.source > stored.source;
  return canonicalJson(candidate.value) > canonicalJson(stored.value);
}

/** The last time at which a field was corrected, as far as either knows; undefined for never. */
export function correctedAtOf(one: Pick<ProfileField, 'correctedAt'>, other: Pick<ProfileField, 'correctedAt'>): number | undefined {
  return one.correctedAt === undefined ? other.correctedAt : Math.max(one.correctedAt, other.correctedAt ?? -Infinity);
}

/** Whether a value is of before a correction. */
function isPast({ at, correction }: ProfileField, correctedAt: number): boolean {
  return correction === undefined ? at <= correctedAt : at < correctedAt;
}
