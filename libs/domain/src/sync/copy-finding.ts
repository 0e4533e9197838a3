import type { FieldDifference } from './compare-copy.js';

/** What a reconcile may find of a person: both hold them and not the same, only we do, or only the system does. */
export const COPY_FINDINGS = ['different', 'missing', 'extra'] as const;
export type CopyFindingKind = (typeof COPY_FINDINGS)[number];

/** What is to be said of data that differs, as a whole: why field by field; that none of it is written, as its values go to and fro; or nothing at all, as the system's users have deleted the person and the system has not named them since. */
export const DIFFERENT_REASONS = ['fields-differ', 'stopped', 'deleted-there'] as const;
/** Why somebody whom we hold is not there. */
export const MISSING_REASONS = ['write-pending', 'never-written', 'gone-there', 'deleted-there', 'merged-there', 'stopped', 'unusable'] as const;
/** Why somebody is there who should not be, or twice. */
export const EXTRA_REASONS = ['unknown-here', 'erased', 'no-consent', 'not-in-condition', 'duplicate-there'] as const;
/** A finding as a whole. */
export type CopyReason = (typeof DIFFERENT_REASONS)[number] | (typeof MISSING_REASONS)[number] | (typeof EXTRA_REASONS)[number];
export const COPY_REASONS: readonly CopyReason[] = [...new Set([...DIFFERENT_REASONS, ...MISSING_REASONS, ...EXTRA_REASONS])];

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
 * outside of the rule's condition is held there on other grounds, and of two copies there the system's own users merge. Whom these have deleted or merged with somebody else, and what is stopped, no rule writes, whoever asks for it.
 *
 * @example repairOf({ kind: 'extra', reason: 'erased' }, 'take-theirs') // 'erase'
 */
export function repairOf({ kind, reason }: Pick<CopyFinding, 'kind' | 'reason'>, decision: CopyDecision): CopyRepair {
  if (decision === 'leave' || reason === 'unusable') return 'none';
  if (reason === 'erased') return 'erase';
  if (reason === 'no-consent') return 'remove';
  if (decision === 'push-ours') return kind === 'extra' || reason === 'deleted-there' || reason === 'merged-there' || reason === 'stopped' ? 'none' : 'write';
  return kind === 'different' || reason === 'unknown-here' ? 'take' : 'none';
}
