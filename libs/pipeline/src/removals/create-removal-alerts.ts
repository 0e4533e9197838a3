import { underLease } from '../deliver/under-lease.js';
import type { Clock } from '../ports/configuration.js';
import type { PipelineLog } from '../ports/pipeline-log.js';
import type { Store } from '../ports/store.js';
import { eachOf } from '../sweep/each-of.js';
import { LATE_AFTER_MS } from './removal-status.js';
import { removalsIn, type RemovalCount, type RemovalStore, type UntoldRemovals } from './removal-store.js';

/** The lease under which one process at a time tells of removals; no connection can have this id. */
export const REMOVAL_ALERTS = '@removals';

export interface RemovalAlertOptions {
  store: Pick<Store, 'acquireLane' | 'releaseLane'>;
  removals: RemovalStore;
  clock: Clock;
  log: PipelineLog;
  /** Unique to this process. */
  holder: string;
  /** Tells those who answer for it. A failure is thrown: they are told at the next tick. */
  tell(workspaceId: string, untold: readonly UntoldRemovals[]): Promise<void>;
  /** Is told what is open of each workspace, with each tick. */
  observe?(workspaceId: string, counts: readonly RemovalCount[]): void;
}

/**
 * Tells somebody of what recipients were told to forget and have not confirmed: once when it is late, once when it has ended without being carried out, and once when it is theirs to ask for. What was
 * told is noted after it was: a crash in between tells twice, and never not.
 *
 * @example repeat(() => alerts.tick(workspaceIds), { name: 'removal-alerts', everyMs: 60_000, logger, onFailure })
 */
export function createRemovalAlerts({ store, removals, clock, log, holder, tell, observe }: RemovalAlertOptions): { tick(workspaceIds: readonly string[]): Promise<void> } {
  async function tellOf(workspaceId: string): Promise<void> {
    const now = clock();
    observe?.(workspaceId, await removals.count(workspaceId, now - LATE_AFTER_MS));
    if ((await removals.findUntold(workspaceId, now - LATE_AFTER_MS)).length === 0) return;
    await underLease(store, { workspaceId, connectionId: REMOVAL_ALERTS }, { holder, now }, async () => {
      const untold = await removals.findUntold(workspaceId, now - LATE_AFTER_MS);
      if (untold.length === 0) return;
      await tell(workspaceId, untold);
      for (const { connectionId, as, oldestAt, ...ids } of untold) {
        log.warn({ workspaceId, connectionId, as, removals: removalsIn(ids), oldest: new Date(oldestAt).toISOString() }, 'removals after a withdrawal are not confirmed');
      }
      await removals.markTold(untold);
    });
  }

  return { tick: (workspaceIds) => eachOf(workspaceIds, tellOf) };
}
