/** A day in milliseconds: 24 hours, always. */
export const DAY_MS = 86_400_000;

/**
 * The UTC day of a time (epoch ms), as the counters name it. Days compare as text in the order of time.
 *
 * @example utcDay(1795478400000) // '2026-11-24'
 */
export function utcDay(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
