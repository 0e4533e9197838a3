import { othersOf, removeSaid } from '../profile/field-candidates.js';
import type { Activity, Profile } from '../profile/profile.js';
import { decodeStoredKey } from '../profile/stored-key.js';
import { ANY_ACTIVITY } from '../segment/activity-key.js';
import { utcDay } from '../profile/utc-day.js';
import { endOfDays, keptSince } from './kept-days.js';
import type { PersonRetention } from './person-retention.js';

/** A profile without what has ended. */
export interface ForgottenProfile {
  /** The same object when nothing has ended; the one that was given is never changed. */
  profile: Profile;
  /** Canonical names of the fields that are gone. */
  fields: string[];
  /** Stored keys of the counters that are gone or count less. */
  counters: string[];
}

/**
 * Takes out of a profile what has ended: traits by their own time, what lost beside them too (whoever decides fields anew lets the next best win), and what counters hold of days that have ended, so that they count what the events that are left tell.
 *
 * @example forgetProfile(profile, personRetention(rules, consents, dataSubjectOf(profile)), now).fields // ['nickname']
 */
export function forgetProfile(profile: Profile, retention: PersonRetention, now: number): ForgottenProfile {
  if (retention.isUnlimited) return { profile, fields: [], counters: [] };
  const hasEnded = (key: string, { at }: { at: number }): boolean => at < retention.keptSince(pathOf(key), now);
  const isWaning = Object.entries(profile.fields).some(([key, field]) => hasEnded(key, field)) || Object.keys(profile.candidates ?? {}).some((key) => othersOf(profile, key)?.some((field) => hasEnded(key, field)) === true);
  const changed = forgetCounters(profile.activity, retention, now);
  if (!isWaning && changed.size === 0) return { profile, fields: [], counters: [] };
  const left = { ...profile, fields: { ...profile.fields }, ...(profile.candidates === undefined ? {} : { candidates: { ...profile.candidates } }) };
  const fields = isWaning ? removeSaid(left, hasEnded) : [];
  return {
    profile: {
      ...left,
      activity: Object.fromEntries(Object.entries(profile.activity).flatMap(([key, counter]): [string, Activity][] => {
        const kept = changed.has(key) ? changed.get(key) : counter;
        return kept == null ? [] : [[key, kept]];
      })),
    },
    fields: fields.map(decodeStoredKey), counters: [...changed.keys()],
  };
}

/**
 * When something of a profile ends next, epoch ms; null for never.
 *
 * @example nextEnd(profile, retention) // the time at which somebody has to look at the person again
 */
export function nextEnd(profile: Pick<Profile, 'fields' | 'activity' | 'candidates'>, retention: PersonRetention): number | null {
  if (retention.isUnlimited) return null;
  let next = Infinity;
  for (const [key, { at }] of Object.entries(profile.fields)) next = Math.min(next, retention.until(pathOf(key), at));
  for (const key in profile.candidates) for (const { at } of othersOf(profile, key) ?? []) next = Math.min(next, retention.until(pathOf(key), at));
  for (const [key, { first }] of Object.entries(profile.activity)) {
    for (const path of pathsOf(key, retention)) next = Math.min(next, retention.until(path, first));
    next = Math.min(next, endOfDays(first, ownDaysOf(key, retention)));
  }
  return next === Infinity ? null : next;
}

function pathOf(key: string): string {
  return `profile.${decodeStoredKey(key)}`;
}

/** A counter with conditions, a sum or single times tells of what lies in the events, and of which part its key does not say: it ends with the first of them. */
function pathsOf(key: string, { rules }: PersonRetention): readonly string[] {
  return key.includes('#') ? rules.eventPaths : EVENT_ONLY;
}

const EVENT_ONLY: readonly string[] = ['event'];

/** The days after which the events end that a counter counts, by their name. One of any event that has conditions does not say what of it is of which name: it ends with the first of them. */
function ownDaysOf(key: string, { rules: { ownEventDays } }: PersonRetention): number | null {
  const [name = '', ...conditions] = key.split('#');
  if (name !== ANY_ACTIVITY) return ownEventDays.get(decodeStoredKey(name)) ?? null;
  return conditions.length === 0 || ownEventDays.size === 0 ? null : Math.min(...ownEventDays.values());
}

/** The counters that are other ones now, null for those that are gone. */
function forgetCounters(activity: Profile['activity'], retention: PersonRetention, now: number): Map<string, Activity | null> {
  const changed = new Map<string, Activity | null>();
  let ofAny = forgetBefore(activity[ANY_ACTIVITY], pathsSince(ANY_ACTIVITY, retention, now));
  for (const [key, counter] of Object.entries(activity)) {
    if (key === ANY_ACTIVITY) continue;
    const kept = forgetBefore(counter, pathsSince(key, retention, now));
    const left = forgetBefore(kept, keptSince(now, ownDaysOf(key, retention)));
    if (left !== counter) changed.set(key, left ?? null);
    // What ends by its name has been counted among any events, too.
    if (left !== kept && kept !== undefined && !key.includes('#')) ofAny = without(ofAny, kept, left);
  }
  if (ofAny !== activity[ANY_ACTIVITY]) changed.set(ANY_ACTIVITY, ofAny ?? null);
  return changed;
}

function pathsSince(key: string, retention: PersonRetention, now: number): number {
  return Math.max(...pathsOf(key, retention).map((path) => retention.keptSince(path, now)));
}

/** The same object where nothing of it has ended. */
function forgetBefore(counter: Activity | undefined, since: number): Activity | undefined {
  return counter === undefined || counter.first >= since ? counter : (forgetCounts(counter, since) ?? undefined);
}

/** A counter of any event without what one of them counted and counts no more. */
function without(any: Activity | undefined, before: Activity, after: Activity | undefined): Activity | undefined {
  if (any === undefined) return undefined;
  const days = { ...any.days };
  let isEdge = false;
  for (const [day, count] of Object.entries(before.days)) {
    const gone = count - (after?.days[day] ?? 0);
    if (gone === 0 || days[day] === undefined) continue;
    if (days[day] > gone) days[day] -= gone;
    else delete days[day];
    isEdge ||= day === utcDay(any.first) || day === utcDay(any.last);
  }
  const total = Math.max(any.total - (before.total - (after?.total ?? 0)), sum(days));
  if (total <= 0) return undefined;
  // The moment may have been that of an event that has ended: what is left is known by its day.
  const left = Object.keys(days).map((day) => Date.parse(day));
  const [first, last] = isEdge && left.length > 0 ? [Math.min(...left), Math.max(...left)] : [any.first, any.last];
  return { ...any, days, total, first: total > sum(days) ? any.first : first, last };
}

/** What is counted of the days from a day's start on. What a counter knows of before its days has no days: it goes as a whole, as soon as the first of it does. */
function forgetCounts({ last, days, sums, times }: Activity, since: number): Activity | null {
  if (last < since) return null;
  const from = utcDay(since);
  const kept = daysFrom(days, from);
  const keptTimes = times?.filter((at) => at >= since);
  // That of before is not known by its moment any more, only by its day.
  const first = Math.max(since, Math.min(last, ...Object.keys(kept).map((day) => Date.parse(day)), ...(keptTimes ?? [])));
  const total = sum(kept);
  if (total === 0) return null;
  return { first, last, total, days: kept, ...(sums === undefined ? {} : { sum: sum(daysFrom(sums, from)), sums: daysFrom(sums, from) }), ...(keptTimes === undefined ? {} : { times: keptTimes }) };
}

function daysFrom(days: Record<string, number>, from: string): Record<string, number> {
  return Object.fromEntries(Object.entries(days).filter(([day]) => day >= from));
}

function sum(days: Record<string, number>): number {
  return Object.values(days).reduce((total, count) => total + count, 0);
}
