import type { FreshnessStore } from './freshness-store.js';

/**
 * Adds up what lanes have counted of freshness. The rows go in the transaction that adds them up, so that nothing is counted twice or lost, wherever it breaks off.
 *
 * @example repeat(() => compaction.tick(configuration.workspaceIds()), { name: 'freshness', everyMs: 2_000, logger, onFailure })
 */
export function createFreshnessCompaction({ freshness }: { freshness: FreshnessStore }): { tick(workspaceIds: readonly string[]): Promise<void> } {
  return {
    async tick(workspaceIds) {
      for (const workspaceId of workspaceIds) while ((await freshness.compact(workspaceId)) > 0) { /* the next rows */ }
    },
  };
}
