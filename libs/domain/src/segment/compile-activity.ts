import type { Activity } from '../profile/profile.js';
import { DAY_MS, utcDay } from '../profile/utc-day.js';
import { ANY_ACTIVITY, activityKey } from './activity-key.js';
import type { ConditionSubject } from './condition-subject.js';
import type { Condition } from './condition.js';
import { compileProperties } from './match-properties.js';
import { spanMs } from './span.js';
import { isActivity, type ActivityKey } from './tracked-activity.js';
import { ALWAYS, NEVER, type Until } from './until.js';

type EventCondition = Extract<Condition, { event: string }>;
type Count = NonNullable<EventCondition['count']>;
type ActivityEvaluator = (activity: Activity | undefined, now: number) => Until;

/**
 * Compiles a condition on what a person did, and names the counter it reads.
 *
 * @example compileActivity({ event: 'Order Completed', within: { days: 30 } }).evaluate(subject, now)
 */
export function compileActivity(condition: EventCondition): { key: ActivityKey; evaluate: (subject: ConditionSubject, now: number) => Until } {
  const { event: name, where = [], within, count } = condition;
  const key = activityKey(name, where);
  const read = (subject: ConditionSubject) => (Object.hasOwn(subject.profile.activity, key) ? subject.profile.activity[key] : undefined);
  const named = { key, name, where };
  if (count !== undefined) {
    const evaluateCount = within !== undefined && 'days' in within ? compileDayCount(count, within.days) : compileTotal(count);
    return { key: named, evaluate: (subject, now) => evaluateCount(read(subject), now) };
  }
  const span = within === undefined ? ALWAYS : spanMs(within);
  const lastSeenIn = compileTriggering(name, where);
  return {
    key: named,
    evaluate(subject, now) {
      const last = Math.max(read(subject)?.last ?? NEVER, lastSeenIn(subject.event));
      return last > now - span ? last + span : NEVER;
    },
  };
}

/** When the event that started a flow run is the one asked for, its time; else never. */
function compileTriggering(name: string, where: ActivityKey['where']): (event: ConditionSubject['event']) => number {
  const matches = compileProperties(where);
  return (event) =>
    event !== undefined && isActivity(event) && (name === ANY_ACTIVITY || event.name === name) && matches(event) ? event.occurredAt : NEVER;
}

function compileTotal({ op, value }: Count): ActivityEvaluator {
  return (activity) => (compare(op, activity?.total ?? 0, value) ? ALWAYS : NEVER);
}

/** A day leaves the window at the midnight `days` after its own: only then, and only downwards, can a count change by itself. */
function compileDayCount({ op, value }: Count, days: number): ActivityEvaluator {
  return (activity, now) => {
    const from = utcDay(now - (days - 1) * DAY_MS);
    let sum = 0;
    for (const day in activity?.days) if (day >= from) sum += activity.days[day] as number;
    const isMember = compare(op, sum, value);
    if (isSettled(op, isMember)) return isMember ? ALWAYS : NEVER;
    const changesAt = activity === undefined ? ALWAYS : firstFlip(activity.days, from, sum, (left) => compare(op, left, value) !== isMember) + days * DAY_MS;
    return isMember ? changesAt : -changesAt;
  };
}

/** Whether a count that can only fall will keep this answer. */
function isSettled(op: Count['op'], isMember: boolean): boolean {
  return op === 'eq' ? false : (op === 'gt' || op === 'gte') !== isMember;
}

/** The midnight that begins the day whose leaving flips the answer; Infinity if none does. */
function firstFlip(days: Record<string, number>, from: string, sum: number, isFlipped: (left: number) => boolean): number {
  let left = sum;
  for (const day of Object.keys(days).filter((day) => day >= from).sort()) {
    left -= days[day] as number;
    if (isFlipped(left)) return Date.parse(day);
  }
  return ALWAYS;
}

function compare(op: Count['op'], count: number, value: number): boolean {
  switch (op) {
    case 'eq':
      return count === value;
    case 'gte':
      return count >= value;
    case 'gt':
      return count > value;
    case 'lte':
      return count <= value;
    case 'lt':
      return count < value;
  }
}
