import type { StoreTransaction } from '@firsthand/pipeline';
import type { MemorySession } from './memory-tables.js';
import { keyOf, type Tables } from './tables.js';

type ChangeRows = Pick<StoreTransaction, 'insertChangeBlock' | 'findOpenChanges' | 'numberChanges'>;

/** Changes of people for those who follow them. */
export function changeRows(session: MemorySession, { changeBlocks, changeHeads }: Tables): ChangeRows {
  return {
    async insertChangeBlock(block) {
      // Ids come up in the order of the writes, as the server's times do.
      session.insert(changeBlocks, block.blockId, { ...block, order: Number(session.database.newId().slice(1)), isOpen: true, last: null });
    },

    async findOpenChanges(workspaceId, limit) {
      return session.select(changeBlocks, (block) => block.workspaceId === workspaceId && block.isOpen).sort((a, b) => a.order - b.order).slice(0, limit)
        .map(({ blockId, changes }) => ({ blockId, count: changes.length }));
    },

    async numberChanges(workspaceId, blocks) {
      let last = session.get(changeHeads, keyOf(workspaceId, 'head')) ?? 0;
      for (const { blockId, count } of blocks) {
        const block = session.get(changeBlocks, blockId);
        last += count;
        if (block !== undefined) session.put(changeBlocks, blockId, { ...block, isOpen: false, last });
      }
      session.put(changeHeads, keyOf(workspaceId, 'head'), last);
    },
  };
}
