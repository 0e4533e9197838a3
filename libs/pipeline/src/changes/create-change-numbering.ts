import type { Clock, ConfigurationSource } from '../ports/configuration.js';
import type { Store } from '../ports/store.js';

/** Blocks that get their numbers in one transaction, at most. */
const PAGE_SIZE = 200;
const DAY_MS = 86_400_000;
/** For blocks of a workspace that keeps changes no more. */
const DEFAULT_DAYS = 7;

export interface ChangeNumberingOptions {
  store: Store;
  configuration: ConfigurationSource;
  clock: Clock;
}

/**
 * Gives changes their numbers, after the transactions that wrote them: a number that is given before its transaction commits may become visible after a later one, and who has read
 * the later one would miss it for ever. So a number is given to what is committed, by a transaction of its own that moves the workspace's last number on: of two processes at it one starts again.
 *
 * Blocks come in the order in which the database took them. Two transactions of one person meet at their profile, so the later one has written its block after the earlier one's commit, and
 * whoever sees the later sees the earlier: one person's changes are in order, with and without a crash or an election in between.
 *
 * @example repeat(() => numbering.tick(), { name: 'changes', everyMs: 200, logger, onFailure })
 */
export function createChangeNumbering({ store, configuration, clock }: ChangeNumberingOptions): { tick(): Promise<void> } {
  function keptForMs(workspaceId: string): number {
    return (configuration.workspace(workspaceId).changes?.keptForDays ?? DEFAULT_DAYS) * DAY_MS;
  }

  return {
    async tick() {
      for (const workspaceId of await store.findOpenChangeWorkspaces()) {
        for (let found = PAGE_SIZE; found === PAGE_SIZE;) {
          found = await store.transaction(async (tx) => {
            const blocks = await tx.findOpenChanges(workspaceId, PAGE_SIZE);
            if (blocks.length > 0) await tx.numberChanges(workspaceId, blocks, clock() + keptForMs(workspaceId));
            return blocks.length;
          });
        }
      }
    },
  };
}
