import { Cron } from 'croner';
import { fieldOf } from '../profile/field-of.js';
import type { Profile } from '../profile/profile.js';

/** A part of the day, `from` (included) to `to` (not included), each `HH:MM`. It may go over midnight; equal times are the whole day. */
export interface DayWindow {
  from: string;
  to: string;
  /** ISO weekdays on which it begins, 1 is Monday; every day when left out. */
  days?: number[];
}

const DAY_MINUTES = 1_440;
const DAY_MS = DAY_MINUTES * 60_000;
/** Clocks are set back by less than this. */
const LONGEST_CHANGE_MS = 3 * 60 * 60_000;
const formats = new Map<string, Intl.DateTimeFormat>();

/** Whether a text is the name of an IANA time zone, e.g. `Asia/Shanghai`. */
export function isTimeZone(zone: string): boolean {
  try {
    formatOf(zone);
    return true;
  } catch {
    return false;
  }
}

/**
 * The person's own time zone where the profile has one that is known, else the other.
 *
 * @example timeZoneOf(profile, 'Europe/Berlin')
 */
export function timeZoneOf(profile: Pick<Profile, 'fields'>, otherwise: string): string {
  const zone = fieldOf(profile, 'timezone')?.value;
  return typeof zone === 'string' && isTimeZone(zone) ? zone : otherwise;
}

/**
 * The moment, epoch ms, from `at` on at which the window is open: `at` itself when it is.
 *
 * @example nextInWindow(now, { from: '09:00', to: '20:00', days: [1, 2, 3, 4, 5] }, 'Asia/Shanghai')
 */
export function nextInWindow(at: number, window: DayWindow, zone: string): number {
  return isInWindow(at, window, zone) ? at : nextTimeOfDay(at, window.from, zone, window.days);
}

/**
 * The moment, epoch ms, from `at` on at which the window is closed: `at` itself when it is. A window over the whole day closes when a day comes on which it does
 * not begin.
 */
export function nextOutOfWindow(at: number, window: DayWindow, zone: string): number {
  let end = at;
  // One window may begin where another ends: eight ends are more than a week has.
  for (let count = 0; count < 8 && isInWindow(end, window, zone); count += 1) end = nextTimeOfDay(end, window.to, zone);
  return end;
}

/** Whether the window is open at a time, as clocks in the zone show it. */
export function isInWindow(at: number, { from, to, days }: DayWindow, zone: string): boolean {
  const { minute, weekday } = localTime(at, zone);
  const [start, end] = [minuteOf(from), minuteOf(to)];
  const beginsOn = (day: number): boolean => days === undefined || days.includes(day);
  if (start < end) return minute >= start && minute < end && beginsOn(weekday);
  const yesterday = weekday === 1 ? 7 : weekday - 1;
  return (minute >= start && beginsOn(weekday)) || (minute < end && beginsOn(yesterday));
}

/** The next time, after `at`, at which clocks in the zone show `HH:MM` on one of the days: both times where they show it twice. */
function nextTimeOfDay(at: number, time: string, zone: string, days?: readonly number[]): number {
  const minute = minuteOf(time) % DAY_MINUTES;
  const pattern = `${minute % 60} ${Math.floor(minute / 60)} * * ${days === undefined ? '*' : days.map((day) => day % 7).join(',')}`;
  return nextShown(pattern, zone, at, true) ?? at;
}

/**
 * The first occurrence of a cron pattern of five fields after a time; null when there is none. What clocks leave out in spring and show twice in autumn is as in cron: a pattern of set
 * times (no `*` in minute and hour) occurs once, the first time that clocks show it, or when they go on where they leave it out; any other follows the clock, in the repeated hour twice.
 *
 * @throws TypeError or RangeError for a pattern that is none: see {@link cronMistake}
 * @example nextOccurrence('0 9 * * 1', 'Europe/Berlin', now)
 */
export function nextOccurrence(pattern: string, zone: string, after: number): number | null {
  return nextShown(pattern, zone, after, !isOfSetTimes(pattern));
}

/**
 * The occurrences of a cron pattern from a time (which is one) until another, the first of each day that calendars in the zone show.
 *
 * @example daysOfOccurrences('0 9 * * *', 'Europe/Berlin', missedAt, nextAt).length // 3: the days that nobody was there
 */
export function daysOfOccurrences(pattern: string, zone: string, from: number, until: number): number[] {
  const days: number[] = [];
  for (let at: number | null = from; at !== null && at < until; at = nextOccurrence(pattern, zone, nextTimeOfDay(at, '00:00', zone) - 1)) days.push(at);
  return days;
}

function isOfSetTimes(pattern: string): boolean {
  return pattern.trim().split(/\s+/u).slice(0, 2).every((field) => !field.includes('*'));
}

/** A cron pattern is read over what clocks show, as if it were UTC, which leaves nothing out; between two changes of the clock that is the time but for a constant. */
function nextShown(pattern: string, zone: string, after: number, countsTwice: boolean): number | null {
  const cron = new Cron(pattern, { utcOffset: 0, paused: true });
  const nextOf = (shown: number): number | null => cron.nextRun(new Date(shown))?.getTime() ?? null;
  let from = after;
  let offset = offsetAt(after, zone);
  let shown = after + offset;
  const before = countsTwice ? null : changeAfter(after - LONGEST_CHANGE_MS, after, zone);
  // In the repeated hour: what it shows was there before.
  if (before !== null) shown = Math.max(shown, before.at + before.offset - 1);
  for (;;) {
    const next = nextOf(shown);
    if (next === null) return null;
    const change = changeAfter(from, next - offset, zone);
    if (change === null) return next - offset;
    const { at, then } = change;
    if (isOfSetTimes(pattern) && (nextOf(at + offset - 1) ?? Infinity) < at + then) return at;
    shown = (countsTwice ? at + then : at + Math.max(offset, then)) - 1;
    [from, offset] = [at, then];
  }
}

/** The first change of the clock after a time, until another one (included): its moment, the offset before it and the one from then on. */
function changeAfter(from: number, until: number, zone: string): { at: number; offset: number; then: number } | null {
  const offset = offsetAt(from, zone);
  for (let low = from; low < until;) {
    let high = Math.min(low + DAY_MS, until);
    if (offsetAt(high, zone) === offset) {
      low = high;
      continue;
    }
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (offsetAt(middle, zone) === offset) low = middle;
      else high = middle;
    }
    return { at: high, offset, then: offsetAt(high, zone) };
  }
  return null;
}

/** By how much clocks in the zone are ahead of UTC, in ms. */
export function offsetAt(at: number, zone: string): number {
  const second = Math.floor(at / 1_000) * 1_000;
  return shownAt(second, zone) - second;
}

/** Any time will do to ask whether a pattern ever occurs. */
const SOME_TIME = Date.UTC(2026, 0, 1);

/** What is wrong with a cron pattern; null for one that will occur. */
export function cronMistake(pattern: string): string | null {
  if (pattern.trim().split(/\s+/u).length !== 5) return 'must be five cron fields: minute, hour, day of the month, month, day of the week';
  try {
    return nextOccurrence(pattern, 'UTC', SOME_TIME) === null ? 'never occurs' : null;
  } catch {
    return 'is no cron pattern';
  }
}

function localTime(at: number, zone: string): { minute: number; weekday: number } {
  const shown = new Date(shownAt(at, zone));
  return { minute: shown.getUTCHours() * 60 + shown.getUTCMinutes(), weekday: shown.getUTCDay() || 7 };
}

/** What clocks and calendars in the zone show, as if it were UTC, to the second. */
function shownAt(at: number, zone: string): number {
  const parts: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
  for (const { type, value } of formatOf(zone).formatToParts(at)) parts[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (format === undefined) formats.set(zone, (format = new Intl.DateTimeFormat('en-US', { timeZone: zone, year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric', hourCycle: 'h23' })));
  return format;
}

function minuteOf(time: string): number {
  const [hours, minutes] = time.split(':').map(Number);
  return (hours ?? 0) * 60 + (minutes ?? 0);
}
