import { countWithin } from '../dry-run/count-within.js';
import { namedEffect, type DescribeEffects } from '../dry-run/dry-run-effect.js';
import { deliversTo, liveFlowsWith } from '../dry-run/live-flows-with.js';

/** Of a destination: what waits for it, and the live flows that deliver to it. A source has no effects beyond itself. */
export const connectionEffects: DescribeEffects = async ({ collections, configuration }, { workspaceId }, { id, answer }) => {
  const isSource = typeof answer === 'object' && answer !== null && 'kind' in answer && answer.kind === 'source';
  if (isSource) return [];
  return [
    { effect: 'deliveries-waiting', count: await countWithin(collections.deliveries, { workspaceId, connectionId: id, state: 'pending' }) },
    namedEffect('used-by-flows', liveFlowsWith(configuration.workspace(workspaceId), (flow) => deliversTo(flow, id))),
  ];
};
