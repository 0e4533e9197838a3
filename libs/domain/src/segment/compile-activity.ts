import type { Activity } from '../profile/profile.js';
import { DAY_MS, utcDay } from '../profile/utc-day.js';
import { ANY_ACTIVITY, activityKey } from './activity-key.js';
import { compileNumberTest } from './compile-number-test.js';
import { compileTimeTest } from './compile-time-test.js';
import type { ConditionSubject } from './condition-subject.js';
import type { EventCondition, NumberTest, Span, TimeTest } from './condition.js';
import { compileProperties } from './match-properties.js';
import { spanMs } from './span.js';
import { scaleAmount } from './sum-property.js';
import { isActivity, type ActivityKey } from './tracked-activity.js';
import { ALWAYS, NEVER, type Until } from './until.js';

type ActivityEvaluator = (activity: Activity | undefined, now: number) => Until;
type Evaluator = (subject: ConditionSubject, now: number) => Until;

/** The counter that a condition on what a person did reads. */
export function activityKeyOf({ event: name, where = [], sum }: EventCondition): ActivityKey {
  return { key: activityKey(name, where, sum === undefined ? {} : { sum: sum.path }), name, where, ...(sum === undefined ? {} : { sum: sum.path }) };
}

/** A counter of a person; undefined where nothing was counted. */
export function readActivity({ profile: { activity } }: ConditionSubject, key: string): Activity | undefined {
  return Object.hasOwn(activity, key) ? activity[key] : undefined;
}

/**
 * Compiles a condition on what a person did, and names the counter it reads.
 *
 * @example compileActivity({ event: 'Order Completed', within: { days: 30 } }).evaluate(subject, now)
 */
export function compileActivity(condition: EventCondition): { key: ActivityKey; evaluate: Evaluator } {
  const key = activityKeyOf(condition);
  const { count, sum, first, last, within } = condition;
  const ofActivity =
    count !== undefined ? compileAmount(count, within, 'total', 'days')
    : sum !== undefined ? compileAmount({ op: sum.op, value: scaleAmount(sum.value) }, within, 'sum', 'sums')
    : first !== undefined ? compileEdge(first, 'first')
    : last !== undefined ? compileEdge(last, 'last')
    : undefined;
  if (ofActivity !== undefined) return { key, evaluate: (subject, now) => ofActivity(readActivity(subject, key.key), now) };
  return { key, evaluate: compileOccurrence(key, within) };
}

function compileOccurrence({ key, name, where }: ActivityKey, within: Span | undefined): Evaluator {
  const span = within === undefined ? ALWAYS : spanMs(within);
  const lastSeenIn = compileTriggering(name, where);
  return (subject, now) => {
    const last = Math.max(readActivity(subject, key)?.last ?? NEVER, lastSeenIn(subject.event));
    return last > now - span ? last + span : NEVER;
  };
}

/** When the event that started a flow run is the one asked for, its time; else never. */
function compileTriggering(name: string, where: ActivityKey['where']): (event: ConditionSubject['event']) => number {
  const matches = compileProperties(where);
  return (event) =>
    event !== undefined && isActivity(event) && (name === ANY_ACTIVITY || event.name === name) && matches(event) ? event.occurredAt : NEVER;
}

/** Who never did it has no first and no last time: neither test holds. */
function compileEdge(test: TimeTest, edge: 'first' | 'last'): ActivityEvaluator {
  const untilOf = compileTimeTest(test);
  return (activity, now) => (activity === undefined ? NEVER : untilOf(activity[edge], now));
}

function compileAmount(test: NumberTest, within: Span | undefined, all: 'total' | 'sum', byDay: 'days' | 'sums'): ActivityEvaluator {
  if (within !== undefined && 'days' in within) return compileDays(test, within.days, byDay);
  const holds = compileNumberTest(test);
  return (activity) => (holds(activity?.[all] ?? 0) ? ALWAYS : NEVER);
}

const NO_DAYS: Readonly<Record<string, number>> = {};

/** A day leaves the window at the midnight `days` after its own: only then can what is left change by itself. */
function compileDays(test: NumberTest, days: number, byDay: 'days' | 'sums'): ActivityEvaluator {
  const holds = compileNumberTest(test);
  // A count can only fall: one that does not hold for being too low, or holds for being low, stays so.
  const isMonotone = byDay === 'days' && test.op !== 'eq';
  const holdsWhenHigh = test.op === 'gt' || test.op === 'gte';
  return (activity, now) => {
    const amounts = activity?.[byDay] ?? NO_DAYS;
    const from = utcDay(now - (days - 1) * DAY_MS);
    let sum = 0;
    for (const day in amounts) if (day >= from) sum += amounts[day] as number;
    const isMember = holds(sum);
    if (isMonotone && holdsWhenHigh !== isMember) return isMember ? ALWAYS : NEVER;
    const changesAt = firstFlip(amounts, from, sum, (left) => holds(left) !== isMember) + days * DAY_MS;
    return isMember ? changesAt : -changesAt;
  };
}

/** The midnight that begins the day whose leaving flips the answer; Infinity if none does. */
function firstFlip(amounts: Readonly<Record<string, number>>, from: string, sum: number, isFlipped: (left: number) => boolean): number {
  let left = sum;
  for (const day of Object.keys(amounts).filter((day) => day >= from).sort()) {
    left -= amounts[day] as number;
    if (isFlipped(left)) return Date.parse(day);
  }
  return ALWAYS;
}
