import { underLease } from '../deliver/under-lease.js';
import type { Clock, ConfigurationSource } from '../ports/configuration.js';
import type { PipelineLog } from '../ports/pipeline-log.js';
import type { Store } from '../ports/store.js';
import type { StoppedGroup } from '../ports/sync-states.js';
import { eachOf } from '../sweep/each-of.js';
import { countStopped } from './count-stopped.js';

/** The lease under which one process at a time tells of stopped fields; no connection can have this id. */
export const SYNC_ALERTS = '@syncs';
/** Within so long of an alert there is no second one of the same field: whoever was stopped since is told of then, with all others. */
export const SYNC_ALERT_EVERY_MS = 24 * 3_600_000;

export interface SyncAlertOptions {
  store: Pick<Store, 'acquireLane' | 'releaseLane' | 'syncs'>;
  configuration: ConfigurationSource;
  clock: Clock;
  log: PipelineLog;
  /** Unique to this process. */
  holder: string;
  /** Tells those who look after the rules. A failure is thrown: they are told at the next tick. */
  tell(workspaceId: string, stopped: readonly StoppedGroup[]): Promise<void>;
  /** Is told with each tick what is stopped of the rules of each workspace that are in force. */
  observe?(workspaceId: string, stopped: readonly StoppedGroup[]): void;
}

/**
 * Tells somebody of fields that were stopped, since their values went to and fro: each field of a person once. What was told is noted after it was: a crash in between tells twice, and never not.
 *
 * @example repeat(() => alerts.tick(workspaceIds), { name: 'sync-alerts', everyMs: 60_000, logger, onFailure })
 */
export function createSyncAlerts({ store, configuration, clock, log, holder, tell, observe }: SyncAlertOptions): { tick(workspaceIds: readonly string[]): Promise<void> } {
  async function tellOf(workspaceId: string): Promise<void> {
    const now = clock();
    const isDue = ({ untold, toldAt }: StoppedGroup): boolean => untold > 0 && (toldAt === null || toldAt <= now - SYNC_ALERT_EVERY_MS);
    const stopped = await countStopped({ store, configuration }, workspaceId);
    observe?.(workspaceId, stopped);
    if (!stopped.some(isDue)) return;
    await underLease(store, { workspaceId, connectionId: SYNC_ALERTS }, { holder, now }, async () => {
      const due = (await countStopped({ store, configuration }, workspaceId)).filter(isDue);
      if (due.length === 0) return;
      await tell(workspaceId, due);
      for (const { ruleId, connectionId, field, between: [, source], people } of due) {
        log.warn({ workspaceId, ruleId, connectionId, field: `profile.${field}`, source, people }, 'a field is not written any more: its value goes to and fro between two systems');
      }
      await store.syncs.markTold(workspaceId, due, now);
    });
  }

  return { tick: (workspaceIds) => eachOf(workspaceIds, tellOf) };
}
