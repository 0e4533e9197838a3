import { readBlock, type Lane, type OutcomeItem } from '@firsthand/pipeline';
import type { Collections } from './collections.js';
import { storeKey } from './store-key.js';

/** Of a busy lane the last blocks hold enough to say how it is doing; each holds the outcomes of one round. */
const MAX_BLOCKS = 200;

/**
 * What came of a destination's latest sends, newest first: those written down since a time, of at most 200 rounds. Read off the evidence, so that it is
 * the same whichever process asks, and after a restart.
 *
 * @example const outcomes = await recentOutcomes(collections, lane, Date.now() - 3_600_000);
 */
export async function recentOutcomes({ evidence }: Pick<Collections, 'evidence'>, { workspaceId, connectionId }: Lane, since: number): Promise<OutcomeItem[]> {
  const prefix = storeKey(workspaceId, connectionId);
  const blocks = await evidence.find({ _id: { $gte: `${prefix}|`, $lt: `${prefix}}` } }, { sort: { _id: -1 }, limit: MAX_BLOCKS, projection: { content: 1, evaluatedAt: 1 } }).toArray();
  return blocks.filter(({ evaluatedAt }) => evaluatedAt >= since).flatMap((block) => readBlock(block).outcomes.reverse());
}
