import { encodeStoredKey, type CompiledFlow } from '@firsthand/domain';
import { storeKey } from '@firsthand/persistence';
import { countWithin } from '../dry-run/count-within.js';
import { namedEffect, type DescribeEffects } from '../dry-run/dry-run-effect.js';
import { liveFlowsWith } from '../dry-run/live-flows-with.js';

/** Of a profile field: who has a value, and the live segments and flows that read it. */
export const customFieldEffects: DescribeEffects = async ({ collections, configuration }, { workspaceId }, { id }) => {
  const [entity, name] = id.split('.', 2);
  if (entity !== 'profile' || name === undefined) return [];
  const trait = `custom.${name}`;
  const workspace = configuration.workspace(workspaceId);
  return [
    { effect: 'people-with-a-value', count: await countWithin(collections.profiles, { _id: { $gt: storeKey(workspaceId, ''), $lt: `${workspaceId}}` }, [`fields.${encodeStoredKey(trait)}`]: { $exists: true } }) },
    namedEffect('used-by-segments', workspace.segments.filter(({ condition }) => condition.traits.includes(trait)).map(({ segmentId }) => segmentId)),
    namedEffect('used-by-flows', liveFlowsWith(workspace, ({ compiled }) => reads(compiled, trait))),
  ];
};

/** Whether a flow asks about a field, waits for a change of it, or sets it. */
function reads({ definition: { trigger, steps }, conditions }: CompiledFlow, trait: string): boolean {
  return conditions.some((condition) => condition.traits.includes(trait)) || steps.some((step) => step.type === 'setField' && step.field === trait)
    || (trigger.type === 'profile' && trigger.fields?.includes(trait) === true);
}
