import type { RemovalCount, UntoldRemovals } from '@firsthand/pipeline';
import type { Metrics } from '@firsthand/platform';
import { tellOfficers, type TellOfficersOptions } from './tell-officers.js';

const WORDS = { late: 'not confirmed for a day', ended: 'given up, or not possible there' } as const;

/**
 * Tells those who answer for a workspace's data which destinations have not confirmed what they were told to forget.
 *
 * @throws FirsthandError `UNAVAILABLE` when nobody could be told
 * @example await tellOfRemovals({ repository, notifier, log }, workspaceId, untold);
 */
export function tellOfRemovals(options: TellOfficersOptions, workspaceId: string, untold: readonly UntoldRemovals[]): Promise<void> {
  const lines = untold.map(({ connectionId, as, deliveryIds, oldestAt }) => `${connectionId}: ${deliveryIds.length} ${WORDS[as]}, the first of ${new Date(oldestAt).toISOString().slice(0, 16).replace('T', ' ')} UTC`);
  return tellOfficers(options, workspaceId, { kind: 'removals-unconfirmed', lines, expiresAt: null });
}

/** Shows what is open per destination; who has nothing open any more shows nothing. */
export function countRemovals({ unconfirmedRemovals }: Pick<Metrics, 'unconfirmedRemovals'>): (workspaceId: string, counts: readonly RemovalCount[]) => void {
  const shown = new Map<string, readonly RemovalCount[]>();
  return (workspaceId, counts) => {
    for (const { connectionId, as } of shown.get(workspaceId) ?? []) unconfirmedRemovals.remove(workspaceId, connectionId, as);
    for (const { connectionId, as, count } of counts) unconfirmedRemovals.labels(workspaceId, connectionId, as).set(count);
    shown.set(workspaceId, counts);
  };
}
