import type { Settled } from '../deliver/settled.js';
import type { LaneLease } from '../ports/rows.js';
import { FreshnessCounts, type Arrival, type FreshnessRow } from './freshness-counts.js';

/** Of sends that came back: the changes that they have brought. */
export function arrivalsOf(settled: readonly Settled[]): Arrival[] {
  return settled.flatMap(({ origin, result, settledAt }) => (
    origin === null || result.outcome !== 'delivered' ? [] : [{ source: origin.connectionId, confirmedAt: settledAt, ms: settledAt - origin.at }]));
}

/** What a lane's transaction keeps of them; null where there are none. */
export function freshnessOf({ workspaceId, connectionId }: Pick<LaneLease, 'workspaceId' | 'connectionId'>, arrivals: readonly Arrival[]): FreshnessRow | null {
  const counts = new FreshnessCounts();
  for (const arrival of arrivals) counts.add(arrival);
  return counts.row(workspaceId, connectionId);
}
