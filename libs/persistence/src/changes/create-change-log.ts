import type { ChangeLog, NumberedChanges, PersonChange } from '@firsthand/pipeline';
import type { Collections } from '../store/collections.js';
import { storeKey } from '../store/store-key.js';
import type { StoredChangeBlock } from '../store/stored-rows.js';
import { withStoreFailures } from '../store/with-store-failures.js';

const BATCH = 5;
/** What an election could take back is not read. */
const MAJORITY = { readConcern: { level: 'majority' } } as const;

/**
 * The changes of people on MongoDB, for those who follow them.
 *
 * @throws FirsthandError UNAVAILABLE, from every method, when MongoDB is away
 * @example const blocks = await createChangeLog(collections).read(workspaceId, 0, 50);
 */
export function createChangeLog({ changeBlocks, changeHeads }: Pick<Collections, 'changeBlocks' | 'changeHeads'>): ChangeLog {
  const last = async (workspaceId: string): Promise<number> => (await changeHeads.findOne({ _id: storeKey(workspaceId, 'head') }, { ...MAJORITY, projection: { last: 1 } }))?.last ?? 0;
  return withStoreFailures<ChangeLog>({
    last,

    async oldest(workspaceId, after = 0) {
      // The head first: what comes meanwhile is after it, and what expires meanwhile before.
      const head = await last(workspaceId);
      // A number that was not given yet is of a log that is gone.
      const from = after > head ? 0 : after;
      const first = await changeBlocks.findOne({ workspaceId, last: { $gt: from } }, { ...MAJORITY, sort: { last: 1 }, projection: { last: 1, count: 1 } });
      return first?.last === undefined ? head : Math.max(from, first.last - first.count);
    },

    async read(workspaceId, after, limit, enough = Infinity) {
      // Each may tell of hundreds of people.
      const found = changeBlocks.find({ workspaceId, last: { $gt: after } }, { ...MAJORITY, sort: { last: 1 }, limit, batchSize: BATCH });
      const blocks: NumberedChanges[] = [];
      let next = after;
      for await (const block of found) {
        if (block.last === undefined || block.last - block.count > next) break;
        blocks.push(numbered(block, block.last));
        next = block.last;
        if (next - after >= enough) break;
      }
      return blocks;
    },
  });
}

function numbered({ at, content }: StoredChangeBlock, last: number): NumberedChanges {
  return { last, at, changes: JSON.parse(content) as (PersonChange | null)[] };
}
