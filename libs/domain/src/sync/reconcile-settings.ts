import { z } from 'zod';
import { nextOccurrence } from '../flow/local-time.js';

/** What a reconcile does about what it finds: nothing, writes ours there, takes theirs in, or waits for a person's decision. */
export const RECONCILE_REPAIRS = ['none', 'push-ours', 'take-theirs', 'ask'] as const;
export type ReconcileRepair = (typeof RECONCILE_REPAIRS)[number];

/** The Zod schema of when sync rules are reconciled by themselves. */
export const reconcileSettingsSchema = z.strictObject({
  isNightly: z.boolean(),
  at: z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, { error: 'must be a time of day, e.g. 03:00' }),
  timeZone: z.string().min(1).max(100).describe('An IANA time zone.'),
  repair: z.enum(RECONCILE_REPAIRS).describe('What is done about what is found: `none` reports it, `push-ours` writes ours there, `take-theirs` takes theirs in, `ask` waits for a decision on each.'),
});
export type ReconcileSettings = z.infer<typeof reconcileSettingsSchema>;

/** As long as nobody has said otherwise. */
export const DEFAULT_RECONCILE_SETTINGS: ReconcileSettings = { isNightly: false, at: '03:00', timeZone: 'UTC', repair: 'none' };

const DAY_MS = 86_400_000;
/** A day may be an hour longer, where clocks are put back. */
const LONGEST_DAY_MS = DAY_MS + 3_600_000;

/**
 * The last night that has come, epoch ms; null where none has since then. What was missed while nothing ran is made up for once.
 *
 * @param since when the settings were made: a time of that day which was over by then is none
 * @example lastNight({ at: '03:00', timeZone: 'Europe/Berlin' }, since, now)
 */
export function lastNight({ at, timeZone }: Pick<ReconcileSettings, 'at' | 'timeZone'>, since: number, now: number): number | null {
  const [hour, minute] = at.split(':').map(Number);
  const pattern = `${minute} ${hour} * * *`;
  let night: number | null = null;
  for (let next = nextOccurrence(pattern, timeZone, now - LONGEST_DAY_MS); next !== null && next <= now; next = nextOccurrence(pattern, timeZone, next)) night = next;
  return night === null || night < since ? null : night;
}
