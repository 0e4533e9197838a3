import { z } from 'zod';

const HOURS_OF_A_MONTH = 24 * 30;
const DEFAULTS = { shrinkPercent: 50, shrinkPeople: null, growPercent: null, growPeople: null, minPeople: 50, missingPoints: null, staleHours: null, withinHours: 24 } as const;

/** The Zod schema of {@link PushLimits}. */
export const pushLimitsSchema = z.strictObject({
  shrinkPercent: z.number().min(0).max(100).nullable().default(DEFAULTS.shrinkPercent).describe('By how much of its size the segment may shrink; null for any.'),
  shrinkPeople: z.int().min(0).nullable().default(DEFAULTS.shrinkPeople).describe('By how many people it may shrink, whatever that is in percent; null for any.'),
  growPercent: z.number().min(0).max(1_000_000).nullable().default(DEFAULTS.growPercent).describe('By how much of its size it may grow; null for any.'),
  growPeople: z.int().min(0).nullable().default(DEFAULTS.growPeople).describe('By how many people it may grow; null for any.'),
  minPeople: z.int().min(1).max(1_000_000).default(DEFAULTS.minPeople).describe('What concerns fewer people than these breaks no limit in percent or points.'),
  missingPoints: z.number().min(0).max(100).nullable().default(DEFAULTS.missingPoints).describe('By how many percentage points the share of members without a value may rise, of each field that is sent; null for any.'),
  staleHours: z.number().positive().max(24 * 365).nullable().default(DEFAULTS.staleHours).describe('How old the newest event of its members may be; null for any age.'),
  withinHours: z.int().min(1).max(HOURS_OF_A_MONTH).default(DEFAULTS.withinHours).describe('The hours over which changes add up, and for which an approval holds.'),
});

/**
 * How far a segment may move before its push to a destination waits for a person's word.
 *
 * @example pushLimitsSchema.parse({ shrinkPercent: 20 }).minPeople // 50
 */
export type PushLimits = z.infer<typeof pushLimitsSchema>;

/** What protects a segment of which nothing is said: a broken import that empties it does not empty its audiences. */
export const DEFAULT_PUSH_LIMITS: PushLimits = DEFAULTS;

/** Whether limits ask for what only figures of this moment tell. */
export function needsFigures({ missingPoints, staleHours }: PushLimits): boolean {
  return missingPoints !== null || staleHours !== null;
}

/** Whether people who are taken out are of concern. */
export function limitsShrinking({ shrinkPercent, shrinkPeople }: PushLimits): boolean {
  return shrinkPercent !== null || shrinkPeople !== null;
}

/** Whether people who are added, or sent something, are of concern. */
export function limitsGrowing({ growPercent, growPeople }: PushLimits): boolean {
  return growPercent !== null || growPeople !== null;
}
