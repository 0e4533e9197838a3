import type { FieldDifference } from './compare-copy.js';

/** What a reconcile may find of a person: both hold them and not the same, only we do, or only the system does. */
export const COPY_FINDINGS = ['different', 'missing', 'extra'] as const;
export type CopyFindingKind = (typeof COPY_FINDINGS)[number];

/** Why somebody whom we hold is not there. */
export const MISSING_REASONS = ['write-pending', 'never-written', 'gone-there', 'unusable'] as const;
/** Why somebody is there who should not be, or twice. */
export const EXTRA_REASONS = ['unknown-here', 'erased', 'no-consent', 'not-in-condition', 'duplicate-there'] as const;
/** A finding as a whole. What differs says why field by field. */
export const COPY_REASONS = ['fields-differ', ...MISSING_REASONS, ...EXTRA_REASONS] as const;
export type CopyReason = (typeof COPY_REASONS)[number];

/** What a reconcile found. It holds no value. */
export interface CopyFinding {
  kind: CopyFindingKind;
  reason: CopyReason;
  /** Why consent does not allow it, where it does not; else null. */
  consent: string | null;
  fields: FieldDifference[];
}

/** Whose word counts, once somebody or a setting has said so. */
export const COPY_DECISIONS = ['push-ours', 'take-theirs', 'leave'] as const;
export type CopyDecision = (typeof COPY_DECISIONS)[number];

/**
 * What is done about a finding: `write` has the rule write the person there, under the consent of that moment; `take` takes in what the system says; `remove` has it told to take the person out, `erase` to forget them;
 * `none` leaves it as it is.
 */
export const COPY_REPAIRS = ['write', 'take', 'remove', 'erase', 'none'] as const;
export type CopyRepair = (typeof COPY_REPAIRS)[number];

/**
 * What a decision comes to. Whoever refused or was erased is no question of whose word counts: whichever side is taken, the system is told. Whom we do not know cannot be written, whom it does not hold cannot be taken; who is
 * outside of the rule's condition is held there on other grounds, and of two copies there the system's own users merge.
 *
 * @example repairOf({ kind: 'extra', reason: 'erased' }, 'take-theirs') // 'erase'
 */
export function repairOf({ kind, reason }: Pick<CopyFinding, 'kind' | 'reason'>, decision: CopyDecision): CopyRepair {
  if (decision === 'leave' || reason === 'unusable') return 'none';
  if (reason === 'erased') return 'erase';
  if (reason === 'no-consent') return 'remove';
  if (decision === 'push-ours') return kind === 'extra' ? 'none' : 'write';
  return kind === 'different' || reason === 'unknown-here' ? 'take' : 'none';
}
