import type { Activity } from './profile.js';
import { addTimes } from './kept-times.js';
import { DAY_MS, utcDay } from './utc-day.js';

/** Counters by day are kept for this many days before today. */
const KEPT_DAYS = 400;

/** One counter that an event bumps: its stored key, alone or with what is kept besides. */
export type ActivityBump = string | {
  key: string;
  /** Scaled whole number to add to the sum. */
  amount?: number;
  /** Whether the time itself is kept. */
  isTimed?: true;
};

/** The stored key of a counter. */
export function keyOfBump(bump: ActivityBump): string {
  return typeof bump === 'string' ? bump : bump.key;
}

/**
 * Counts one event under each key, in place. A day older than 400 days before `now` is dropped, and an event of such a day counts
 * in `total`, `sum`, `first` and `last` only, so that the order of events does not matter.
 *
 * @example bumpActivity(profile.activity, ['Order Completed', '*'], record.occurredAt, now)
 */
export function bumpActivity(activity: Record<string, Activity>, bumps: readonly ActivityBump[], occurredAt: number, now: number): void {
  if (bumps.length === 0) return;
  const day = utcDay(occurredAt);
  const oldest = oldestDay(now);
  for (const bump of bumps) {
    const key = keyOfBump(bump);
    const stored = Object.hasOwn(activity, key) ? activity[key] : undefined;
    const counter = stored ?? (activity[key] = { first: occurredAt, last: occurredAt, total: 0, days: {} });
    counter.first = Math.min(counter.first, occurredAt);
    counter.last = Math.max(counter.last, occurredAt);
    counter.total += 1;
    addDay(counter.days, day, 1, oldest);
    if (typeof bump === 'string') continue;
    if (bump.amount !== undefined) {
      counter.sum = (counter.sum ?? 0) + bump.amount;
      addDay((counter.sums ??= {}), day, bump.amount, oldest);
    }
    if (bump.isTimed === true) counter.times = addTimes(counter.times, [occurredAt]);
  }
}

/**
 * The sum of two counters of the same key, as a new one, for the merge of two people.
 *
 * @example sumActivity(winner.activity['*'], loser.activity['*'], now)
 */
export function sumActivity(one: Activity, other: Activity, now: number): Activity {
  const oldest = oldestDay(now);
  const summed: Activity = {
    first: Math.min(one.first, other.first), last: Math.max(one.last, other.last), total: one.total + other.total, days: sumDays(one.days, other.days, oldest),
  };
  if (one.sum !== undefined || other.sum !== undefined) {
    summed.sum = (one.sum ?? 0) + (other.sum ?? 0);
    summed.sums = sumDays(one.sums ?? {}, other.sums ?? {}, oldest);
  }
  if (one.times !== undefined || other.times !== undefined) summed.times = addTimes(one.times, other.times ?? []);
  return summed;
}

/** A counter that shares nothing with the one it was made of. */
export function copyActivity({ sums, times, ...activity }: Activity): Activity {
  return { ...activity, days: { ...activity.days }, ...(sums === undefined ? {} : { sums: { ...sums } }), ...(times === undefined ? {} : { times: [...times] }) };
}

function sumDays(one: Record<string, number>, other: Record<string, number>, oldest: string): Record<string, number> {
  const days: Record<string, number> = {};
  for (const source of [one, other]) for (const day in source) addDay(days, day, source[day] as number, oldest);
  return days;
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
