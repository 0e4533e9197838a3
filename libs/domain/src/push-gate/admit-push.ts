import { firstAllowance, type PushFigures } from './judge-push.js';
import { limitsGrowing, limitsShrinking, needsFigures, type PushLimits } from './push-limits.js';

/** For how long figures say that a push may go, where limits ask for more than its size. */
export const FIGURES_VALID_MS = 10 * 60_000;

/** Where the gate of a push stands. `asked`: its segment is to be looked at; `held`: it waits for a person, or for the segment to be as it was. */
export type PushGateState = 'open' | 'asked' | 'held';

/** What admission is decided on. */
export interface PushPass {
  state: PushGateState;
  /** How many may go in or out before the segment is looked at again. */
  allowance: number;
  /** Null before it was ever looked at. */
  figures: PushFigures | null;
  /** When it was looked at last, epoch ms. */
  checkedAt: number | null;
}

/** How many people a push would take out, and how many it would add or send something. */
export interface PushChanges {
  removals: number;
  additions: number;
}

/**
 * Whether changes may go out without another look at their segment, and what is left of the allowance then. All of them or none: the first of many that go must not slip through.
 *
 * @param pass undefined of a push of which nothing is known yet
 * @example admitPush(undefined, { removals: 60, additions: 0 }, DEFAULT_PUSH_LIMITS, now).isAdmitted // false: its segment is looked at first
 */
export function admitPush(pass: PushPass | undefined, { removals, additions }: PushChanges, limits: PushLimits, now: number): { isAdmitted: boolean; allowance: number } {
  const allowance = pass?.allowance ?? firstAllowance(limits);
  if (pass !== undefined && pass.state !== 'open') return { isAdmitted: false, allowance };
  if (needsFigures(limits) && (pass?.checkedAt == null || now - pass.checkedAt > FIGURES_VALID_MS)) return { isAdmitted: false, allowance };
  const counted = (limitsShrinking(limits) ? removals : 0) + (limitsGrowing(limits) ? additions : 0);
  return counted > allowance ? { isAdmitted: false, allowance } : { isAdmitted: true, allowance: allowance - counted };
}
