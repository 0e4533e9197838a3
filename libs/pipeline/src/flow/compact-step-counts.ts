import type { Clock } from '../ports/configuration.js';
import type { Store } from '../ports/store.js';

export interface StepCountCompactionOptions {
  store: Pick<Store, 'transaction'>;
  clock: Clock;
}

const HOUR_MS = 3_600_000;
/** Rows per transaction. */
const PAGE_SIZE = 1_000;

/**
 * Adds up the step counts of past hours: of each flow version and hour one row is left. The rows of a page go in the transaction that adds them up, so that nothing is
 * counted twice or lost, wherever it breaks off; of two processes at one page one starts again and finds it done.
 *
 * @example repeat(() => compaction.tick(configuration.workspaceIds()), { name: 'step-counts', everyMs: 1_000, logger, onFailure })
 */
export function createStepCountCompaction({ store, clock }: StepCountCompactionOptions): { tick(workspaceIds: readonly string[]): Promise<void> } {
  const done = new Map<string, number>();
  return {
    async tick(workspaceIds) {
      const hour = Math.floor(clock() / HOUR_MS) * HOUR_MS;
      for (const workspaceId of workspaceIds) {
        if (done.get(workspaceId) === hour) continue;
        while ((await store.transaction((tx) => tx.compactStepCounts(workspaceId, hour, PAGE_SIZE))) === PAGE_SIZE) { /* the next page */ }
        done.set(workspaceId, hour);
      }
    },
  };
}
