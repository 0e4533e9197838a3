import type { JsonValue } from '../json.js';
import type { Moment, TimeTest } from './condition.js';
import { parseIsoDate } from './iso-date.js';
import { spanMs } from './span.js';
import { ALWAYS, NEVER, type Until } from './until.js';

/** Whether a value is a time that moves with the clock. */
export function isMovingMoment(value: JsonValue | Moment | undefined): value is Exclude<Moment, string> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && ('ago' in value || 'ahead' in value);
}

/** A moving time, in milliseconds from now: negative where it lies in the past. */
export function momentOffset(moment: Exclude<Moment, string>): number {
  return 'ago' in moment ? -spanMs(moment.ago) : spanMs(moment.ahead);
}

/**
 * Compiles a test of a time (epoch ms). Against a moving one every time grows older only: `before` begins to hold a millisecond after the
 * moment has passed it, `after` ends exactly when the moment reaches it.
 *
 * @example compileTimeTest({ op: 'after', value: { ago: { days: 30 } } })(last, now)
 */
export function compileTimeTest({ op, value }: TimeTest): (at: number, now: number) => Until {
  const isBefore = op === 'before';
  if (!isMovingMoment(value)) {
    const limit = parseIsoDate(value);
    return (at) => ((isBefore ? at < limit : at > limit) ? ALWAYS : NEVER);
  }
  const offset = momentOffset(value);
  return (at, now) => {
    if (isBefore) return at < now + offset ? ALWAYS : -(at - offset + 1);
    return at > now + offset ? at - offset : NEVER;
  };
}
