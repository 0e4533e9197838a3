import { z } from 'zod';
import { DAY_MS } from '../profile/utc-day.js';
import type { Span } from './condition.js';

const SECOND_MS = 1_000;

/** The units of a span; it has exactly one. */
export const SPAN_UNITS = ['seconds', 'minutes', 'hours', 'days'] as const;
/** The longest span. */
export const MAX_SPAN_DAYS = 3_650;

const amount = z.int().min(1).max(315_360_000);

/** The Zod schema of {@link Span}: exactly one unit, a whole number, at most ten years. */
export const spanSchema = z
  .union([
    z.strictObject({ seconds: amount }),
    z.strictObject({ minutes: amount }),
    z.strictObject({ hours: amount }),
    z.strictObject({ days: amount }),
  ], { error: 'must have exactly one of seconds, minutes, hours, days, a whole number of them' })
  .refine((span) => spanMs(span) <= MAX_SPAN_DAYS * DAY_MS, { message: 'is longer than ten years' })
  .meta({ id: 'Span', description: 'A span of time in exactly one unit.', examples: [{ days: 30 }] });

/**
 * A span in milliseconds; a day is always 24 hours.
 *
 * @example spanMs({ minutes: 5 }) // 300000
 */
export function spanMs(span: Span): number {
  if ('seconds' in span) return span.seconds * SECOND_MS;
  if ('minutes' in span) return span.minutes * 60 * SECOND_MS;
  if ('hours' in span) return span.hours * 3_600 * SECOND_MS;
  return span.days * DAY_MS;
}
