import { storeKey } from '@firsthand/persistence';
import { countWithin } from '../dry-run/count-within.js';
import { namedEffect, type DescribeEffects } from '../dry-run/dry-run-effect.js';
import { groupsFor } from '../insight/groups.js';
import { previewDraft } from './preview-segment.js';
import { liveFlowsWith, readsSegment } from '../dry-run/live-flows-with.js';

/** Who is in the segment now, and which live flows and segments go by it. */
export const segmentEffects: DescribeEffects = async ({ collections, configuration }, { workspaceId }, { id }) => {
  const workspace = configuration.workspace(workspaceId);
  return [
    { effect: 'members-now', count: await countWithin(collections.profiles, { _id: { $gt: storeKey(workspaceId, ''), $lt: `${workspaceId}}` }, [`memberships.${id}.isMember`]: true }) },
    namedEffect('used-by-flows', liveFlowsWith(workspace, (flow) => readsSegment(flow, id))),
    namedEffect('used-by-segments', workspace.segments.filter(({ condition }) => condition.segments.includes(id)).map(({ segmentId }) => segmentId)),
  ];
};

/** What publishing bears on, and how many would enter and leave; of a large workspace by a sample. Who may not read profiles asks for a preview: a dry run keeps nothing of what it tells. */
export const publishEffects: DescribeEffects = async (admin, caller, call) => {
  const isInGroups = (await groupsFor(admin, caller)) !== null;
  const change = isInGroups ? null : (await previewDraft(admin, caller, call.id, { estimateOnly: true, groups: null })).change;
  return [...(await segmentEffects(admin, caller, call)), { effect: 'would-enter', count: change?.entering ?? null }, { effect: 'would-leave', count: change?.leaving ?? null }];
};
