import type { Activity } from './profile.js';
import { DAY_MS, utcDay } from './utc-day.js';

/** Counters by day are kept for this many days before today. */
const KEPT_DAYS = 400;

/**
 * Counts one event under each key, in place. A day older than 400 days before `now` is dropped, and an event of such a day counts
 * in `total`, `first` and `last` only, so that the order of events does not matter.
 *
 * @example bumpActivity(profile.activity, ['Order Completed', '*'], record.occurredAt, now)
 */
export function bumpActivity(activity: Record<string, Activity>, keys: readonly string[], occurredAt: number, now: number): void {
  if (keys.length === 0) return;
  const day = utcDay(occurredAt);
  const oldest = oldestDay(now);
  for (const key of keys) {
    const counter = Object.hasOwn(activity, key) ? activity[key] : undefined;
    if (counter === undefined) {
      activity[key] = { first: occurredAt, last: occurredAt, total: 1, days: day >= oldest ? { [day]: 1 } : {} };
      continue;
    }
    counter.first = Math.min(counter.first, occurredAt);
    counter.last = Math.max(counter.last, occurredAt);
    counter.total += 1;
    addDay(counter.days, day, 1, oldest);
  }
}

/**
 * The sum of two counters of the same key, as a new one, for the merge of two people.
 *
 * @example sumActivity(winner.activity['*'], loser.activity['*'], now)
 */
export function sumActivity(one: Activity, other: Activity, now: number): Activity {
  const oldest = oldestDay(now);
  const days: Record<string, number> = {};
  for (const source of [one.days, other.days]) for (const day in source) addDay(days, day, source[day] as number, oldest);
  return { first: Math.min(one.first, other.first), last: Math.max(one.last, other.last), total: one.total + other.total, days };
}

function oldestDay(now: number): string {
  return utcDay(now - KEPT_DAYS * DAY_MS);
}

/** A day that is new to the counter is the moment to drop those that have grown too old. */
function addDay(days: Record<string, number>, day: string, count: number, oldest: string): void {
  const known = days[day];
  if (known !== undefined) {
    days[day] = known + count;
    return;
  }
  if (day < oldest) return;
  for (const old in days) if (old < oldest) delete days[old];
  days[day] = count;
}
