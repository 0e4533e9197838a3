import { DAY_MS } from '../profile/utc-day.js';

/**
 * When a period of days ends that begins with something that happened, epoch ms: the day on which it happened does not count (Regulation (EEC, Euratom) 1182/71 art. 3(1)), and days are those of UTC. All that
 * happened on one day ends together, so that counters by day and the events behind them agree.
 *
 * @param days null for ever
 * @example endOfDays(Date.UTC(2026, 10, 24, 8), 1) // Date.UTC(2026, 10, 26)
 */
export function endOfDays(at: number, days: number | null): number {
  return days === null ? Infinity : startOfDay(at) + (days + 1) * DAY_MS;
}

/**
 * The opposite of {@link endOfDays}: what happened before this time has come to its end by now, and nothing else has.
 *
 * @example keptSince(Date.UTC(2026, 10, 26), 1) // Date.UTC(2026, 10, 25)
 */
export function keptSince(now: number, days: number | null): number {
  return days === null ? -Infinity : startOfDay(now) - days * DAY_MS;
}

function startOfDay(at: number): number {
  return Math.floor(at / DAY_MS) * DAY_MS;
}
