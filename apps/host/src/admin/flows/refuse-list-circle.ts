import { compileCondition, FirsthandError, listCircle, type Condition, type FlowDefinition } from '@firsthand/domain';
import type { AdminContext } from '../admin-context.js';

/** What is to be live beside what is so already, in the place of its earlier version. */
export type ListCircleCandidate = { flow: FlowDefinition } | { segment: { segmentId: string; condition: Condition } };

/**
 * Refuses a flow or segment with which live flows would put people on a static list and take them off again without end.
 *
 * @throws FirsthandError `INVALID_FLOW` for a flow, `INVALID_SEGMENT` for a segment
 */
export async function refuseListCircle({ configuration }: Pick<AdminContext, 'configuration'>, workspaceId: string, candidate: ListCircleCandidate): Promise<void> {
  // What another process has just published counts too.
  await configuration.refresh();
  const workspace = configuration.workspace(workspaceId);
  const live = workspace.flows.map(({ compiled }) => compiled.definition);
  const flows = 'flow' in candidate ? [...live.filter(({ flowId }) => flowId !== candidate.flow.flowId), candidate.flow] : live;
  const readers = workspace.segments.map(({ segmentId, condition: { segments, lists } }) => ({ segmentId, segments, lists }));
  const list = listCircle(flows, 'segment' in candidate ? [...readers.filter(({ segmentId }) => segmentId !== candidate.segment.segmentId), readerOf(candidate.segment)] : readers);
  if (list === null) return;
  const message = `closes a circle: live flows would put people on the list ${list} and take them off again without end`;
  throw 'flow' in candidate ? new FirsthandError('INVALID_FLOW', undefined, [{ path: '/trigger', message }]) : new FirsthandError('INVALID_SEGMENT', undefined, [{ path: '/condition', message }]);
}

function readerOf({ segmentId, condition }: { segmentId: string; condition: Condition }) {
  const { segments, lists } = compileCondition(condition);
  return { segmentId, segments, lists };
}
