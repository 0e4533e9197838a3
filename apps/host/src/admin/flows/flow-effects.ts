import type { FlowStep } from '@firsthand/domain';
import type { FlowContent } from '../documents.js';
import { countWithin } from '../dry-run/count-within.js';
import { namedEffect, type DescribeEffects } from '../dry-run/dry-run-effect.js';

/** Where the flow delivers, as it would be then, and which of its runs and deliveries are under way. */
export const flowEffects: DescribeEffects = async ({ collections, repository }, { workspaceId }, { id }) => {
  const found = await repository.list<FlowContent>('flows', workspaceId);
  const content = found.find((row) => row.id === id)?.content;
  const steps: readonly FlowStep[] = content?.versions.find(({ version }) => version === content.liveVersion)?.steps ?? [];
  return [
    namedEffect('delivers-to', new Set(steps.flatMap((step) => (step.type === 'deliver' || step.type === 'call' ? [step.connectionId] : [])))),
    { effect: 'runs-waiting', count: await countWithin(collections.runs, { workspaceId, flowId: id, dueAt: { $gt: 0 } }) },
    { effect: 'deliveries-waiting', count: await countWithin(collections.deliveries, { workspaceId, state: 'pending', flowId: id }) },
  ];
};
