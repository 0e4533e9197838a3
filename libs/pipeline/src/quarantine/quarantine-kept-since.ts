import { DAY_MS } from '@firsthand/domain';
import type { OperatorDays } from '../retention/retention-store.js';

/**
 * What was set aside before may be kept no longer, whether or not a sweep was there already: it goes to the start of a day. Epoch ms.
 *
 * @example quarantineKeptSince({ quarantine: 30 }, clock())
 */
export function quarantineKeptSince({ quarantine }: Pick<OperatorDays, 'quarantine'>, now: number): number {
  return quarantine === null ? 0 : Math.floor(now / DAY_MS) * DAY_MS - quarantine * DAY_MS;
}
