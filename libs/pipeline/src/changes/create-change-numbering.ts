import { FirsthandError } from '@firsthand/domain';
import type { ConfigurationSource } from '../ports/configuration.js';
import type { Store } from '../ports/store.js';

/** Blocks that get their numbers in one transaction, at most. */
const PAGE_SIZE = 200;

export interface ChangeNumberingOptions {
  store: Pick<Store, 'transaction' | 'hasOpenChanges'>;
  configuration: ConfigurationSource;
}

/**
 * Gives changes their numbers, after the transactions that wrote them: a number that is given before its transaction commits may become visible after a later one, and who has read
 * the later one would miss it for ever. So a number is given to what is committed, by a transaction of its own that moves the workspace's last number on: of two processes at it one starts again.
 *
 * Blocks come in the order in which the database took them. Two transactions of one person meet at their profile, so the later one has written its block after the earlier one's commit, and
 * whoever sees the later sees the earlier: one person's changes are in order, with and without a crash or an election in between.
 *
 * @example repeat(() => numbering.tick(configuration.workspaceIds()), { name: 'changes', everyMs: 200, logger, onFailure })
 */
export function createChangeNumbering({ store, configuration }: ChangeNumberingOptions): { tick(workspaceIds: readonly string[]): Promise<void> } {
  /** Gives how many blocks have got their numbers. */
  async function numberSome(workspaceId: string): Promise<number> {
    try {
      return await store.transaction(async (tx) => {
        const blocks = await tx.findOpenChanges(workspaceId, PAGE_SIZE);
        if (blocks.length > 0) await tx.numberChanges(workspaceId, blocks);
        return blocks.length;
      });
    } catch (error) {
      // Others were quicker each time: they have given them.
      if (error instanceof FirsthandError && error.code === 'CONFLICT') return 0;
      throw error;
    }
  }

  return {
    async tick(workspaceIds) {
      for (const workspaceId of workspaceIds) {
        if (configuration.workspace(workspaceId).changes === undefined || !(await store.hasOpenChanges(workspaceId))) continue;
        for (let found = PAGE_SIZE; found === PAGE_SIZE;) found = await numberSome(workspaceId);
      }
    },
  };
}
