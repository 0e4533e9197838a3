import { namedEffect, type DescribeEffects } from '../dry-run/dry-run-effect.js';
import { liveFlowsWith, restsOn } from '../dry-run/live-flows-with.js';

/** What is live and rests on the purpose. */
export const purposeEffects: DescribeEffects = ({ configuration }, { workspaceId }, { id }) => {
  const workspace = configuration.workspace(workspaceId);
  return [
    namedEffect('used-by-segments', workspace.segments.filter(({ purpose, condition }) => purpose === id || condition.consents.includes(id)).map(({ segmentId }) => segmentId)),
    namedEffect('used-by-flows', liveFlowsWith(workspace, (flow) => restsOn(flow, id))),
    namedEffect('used-by-sources', [...workspace.sources.values()].filter(({ collectionPurpose, profilePurpose, consentCategories, signalPurposes }) => collectionPurpose === id || profilePurpose === id || Object.values(consentCategories).includes(id) || signalPurposes?.includes(id) === true).map(({ connectionId }) => connectionId)),
  ];
};
