import { FirsthandError, listCircle, type FlowDefinition } from '@firsthand/domain';
import type { AdminContext } from '../admin-context.js';

/**
 * Refuses a flow that would, with those that are live now, put people on a static list and take them off again without end.
 *
 * @throws FirsthandError `INVALID_FLOW`
 */
export async function refuseListCircle({ configuration }: Pick<AdminContext, 'configuration'>, workspaceId: string, definition: FlowDefinition): Promise<void> {
  // What another process has just published counts too.
  await configuration.refresh();
  const { flows, segments } = configuration.workspace(workspaceId);
  const others = flows.map(({ compiled }) => compiled.definition).filter(({ flowId }) => flowId !== definition.flowId);
  const list = listCircle([...others, definition], segments.map(({ segmentId, condition }) => ({ segmentId, segments: condition.segments, lists: condition.lists })));
  if (list !== null) throw new FirsthandError('INVALID_FLOW', undefined, [{ path: '/trigger', message: `starts a circle: people would be put on the list ${list} and taken off again without end` }]);
}
