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
const formats = new Map<string, Intl.DateTimeFormat>();
const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

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

/** The next time, after `at`, at which clocks in the zone show `HH:MM` on one of the days. */
function nextTimeOfDay(at: number, time: string, zone: string, days?: readonly number[]): number {
  const minute = minuteOf(time) % DAY_MINUTES;
  const pattern = `${minute % 60} ${Math.floor(minute / 60)} * * ${days === undefined ? '*' : days.map((day) => day % 7).join(',')}`;
  return nextOccurrence(pattern, zone, at) ?? at;
}

/**
 * The first occurrence of a cron pattern of five fields after a time; null when there is none.
 *
 * @throws TypeError or RangeError for a pattern that is none: see {@link cronMistake}
 * @example nextOccurrence('0 9 * * 1', 'Europe/Berlin', now)
 */
export function nextOccurrence(pattern: string, zone: string, after: number): number | null {
  return new Cron(pattern, { timezone: zone, paused: true }).nextRun(new Date(after))?.getTime() ?? null;
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
  const parts = Object.fromEntries(formatOf(zone).formatToParts(at).map(({ type, value }) => [type, value]));
  return { minute: Number(parts.hour) * 60 + Number(parts.minute), weekday: WEEKDAYS.indexOf(parts.weekday ?? '') + 1 };
}

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (format === undefined) formats.set(zone, (format = new Intl.DateTimeFormat('en-US', { timeZone: zone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })));
  return format;
}

function minuteOf(time: string): number {
  const [hours, minutes] = time.split(':').map(Number);
  return (hours ?? 0) * 60 + (minutes ?? 0);
}
