import { groupBy } from '../group-by.js';
import type { DeliveryRow, InFlightBlock } from '../ports/rows.js';
import type { Settled } from './settled.js';

/** What one run of a lane has in flight, block by block. */
export class InFlightBlocks {
  private readonly blocks = new Map<string, InFlightBlock>();

  /** Takes in a block that has been committed. */
  put(block: InFlightBlock): void {
    this.blocks.set(block.blockId, block);
  }

  /** The blocks that these rows lie in, without them. */
  without(settled: readonly Settled[]): InFlightBlock[] {
    const ofBlock = groupBy(settled.filter(({ blockId }) => blockId !== null), ({ blockId }) => blockId as string);
    return [...ofBlock].flatMap(([blockId, back]) => {
      const block = this.blocks.get(blockId);
      const ids = new Set(back.map(({ row }) => row.deliveryId));
      return block === undefined ? [] : [{ ...block, rows: block.rows.filter(({ deliveryId }) => !ids.has(deliveryId)) }];
    });
  }

  /** Forgets rows whose outcomes have been written down. */
  remove(settled: readonly Settled[]): void {
    for (const block of this.without(settled)) {
      if (block.rows.length === 0) this.blocks.delete(block.blockId);
      else this.put(block);
    }
  }

  /** Who has a row in flight, here and not among the rows of the outbox. */
  people(): Set<string> {
    return new Set([...this.blocks.values()].flatMap(({ rows }) => rows.map(({ profileId }: DeliveryRow) => profileId)));
  }
}
