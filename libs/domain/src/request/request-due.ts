import { z } from 'zod';
import { FirsthandError } from '../errors/index.js';
import { DEFAULT_OPENDSR_SETTINGS, openDsrSettingsSchema } from '../opendsr/opendsr-settings.js';
import { DAY_MS, utcDay } from '../profile/utc-day.js';
import { OPEN_STATUSES, REGIMES, type Regime, type RequestStatus } from './privacy-request.js';

/** Days are those of China, which has one time zone and no summer time. */
const CHINA_MS = 8 * 3_600_000;

/** How long an answer may take. GDPR art. 12(3): a month, here 30 days, and two more; CCPA § 1798.130(a)(2): 45 days, and 45 more; PIPL: 15 working days, no more. */
const LIMITS: Readonly<Record<Exclude<Regime, 'pipl'>, { days: number; moreDays: number }>> = { gdpr: { days: 30, moreDays: 60 }, ccpa: { days: 45, moreDays: 45 } };
const PIPL_WORKING_DAYS = 15;
/** European Economic Area, Switzerland and the United Kingdom, whose laws set the same limit. */
const GDPR_COUNTRIES = new Set('AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE IS LI NO CH GB'.split(' '));

const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, { error: 'must be a day, e.g. 2026-10-01' });

/** How a workspace answers its customers' requests. */
export const requestSettingsSchema = z.strictObject({
  regime: z.enum(REGIMES).meta({ description: 'The law for people whose country is not known, or has none of these.' }),
  holidays: z.array(day).max(1_000).meta({ description: 'Days on which nobody works in China; weekends need not be listed.' }),
  workingWeekends: z.array(day).max(1_000).meta({ description: 'Saturdays and Sundays on which people work in place of a holiday.' }),
  openDsr: openDsrSettingsSchema.default(DEFAULT_OPENDSR_SETTINGS).meta({ description: 'Requests that machines hand in.' }),
});
export type RequestSettings = z.infer<typeof requestSettingsSchema>;

/** What holds until somebody sets it. */
export const DEFAULT_REQUEST_SETTINGS: RequestSettings = { regime: 'gdpr', holidays: [], workingWeekends: [], openDsr: DEFAULT_OPENDSR_SETTINGS };

/**
 * The law whose limit holds for somebody: that of their country, else the workspace's own.
 *
 * @param country ISO 3166; null when it is not known
 * @example regimeFor('CN', settings) // 'pipl'
 */
export function regimeFor(country: string | null, { regime }: RequestSettings): Regime {
  if (country === 'CN') return 'pipl';
  if (country === 'US') return 'ccpa';
  return country !== null && GDPR_COUNTRIES.has(country) ? 'gdpr' : regime;
}

/**
 * When a request must be answered, epoch ms: at the time of day at which it came, so never later than the law's last day ends.
 *
 * @param receivedAt epoch ms
 * @example requestDueAt('pipl', Date.parse('2026-09-28T02:00:00Z'), { ...settings, holidays: ['2026-10-01'] })
 */
export function requestDueAt(regime: Regime, receivedAt: number, settings: Pick<RequestSettings, 'holidays' | 'workingWeekends'>): number {
  if (regime !== 'pipl') return receivedAt + LIMITS[regime].days * DAY_MS;
  const [holidays, workingWeekends] = [new Set(settings.holidays), new Set(settings.workingWeekends)];
  const isWorked = (at: number): boolean => {
    const local = new Date(at + CHINA_MS);
    const date = utcDay(at + CHINA_MS);
    return workingWeekends.has(date) || (!holidays.has(date) && local.getUTCDay() % 6 !== 0);
  };
  let at = receivedAt;
  // Even where every listed day follows the other, this ends: lists are bounded, and weeks have working days.
  for (let left = PIPL_WORKING_DAYS; left > 0; ) {
    at += DAY_MS;
    if (isWorked(at)) left -= 1;
  }
  return at;
}

/**
 * The due date after the one extension that the law allows, epoch ms. The person has to be told before the first date is over.
 *
 * @throws FirsthandError `NOT_EXTENDABLE` for an answer that was extended before, is late already or done, or under a law that allows none
 * @example extendedDueAt({ regime: 'gdpr', status: 'in-progress', dueAt, isExtended: false }, now)
 */
export function extendedDueAt({ regime, status, dueAt, isExtended }: { regime: Regime; status: RequestStatus; dueAt: number; isExtended: boolean }, now: number): number {
  const why = regime === 'pipl' ? 'PIPL allows no extension.' : isExtended ? 'It was extended before.' : now >= dueAt ? 'It is overdue.' : OPEN_STATUSES.includes(status) ? null : 'It is answered.';
  if (regime === 'pipl' || why !== null) throw new FirsthandError('NOT_EXTENDABLE', why ?? undefined);
  return dueAt + LIMITS[regime].moreDays * DAY_MS;
}
