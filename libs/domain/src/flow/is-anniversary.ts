import type { JsonValue } from '../json.js';

const DATE = /^(\d{4})-(\d{2})-(\d{2})/;

/**
 * Whether a date (`1990-05-17`, or a time) returns on the day that calendars in a zone show at `now`. Who was born on 29 February has the 28th in other years.
 *
 * @example isAnniversary('1990-05-17', Date.parse('2026-05-17T10:00:00Z'), 'Europe/Berlin') // true
 */
export function isAnniversary(date: JsonValue | undefined, now: number, zone: string): boolean {
  const [, , month, day] = (typeof date === 'string' ? DATE.exec(date) : null) ?? [];
  if (month === undefined || day === undefined) return false;
  const today = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(now).slice(-10);
  const year = Number(today.slice(0, 4));
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return today.slice(5) === (month === '02' && day === '29' && !isLeap ? '02-28' : `${month}-${day}`);
}
