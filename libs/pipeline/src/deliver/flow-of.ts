import type { LiveFlow, WorkspaceConfiguration } from '../ports/configuration.js';
import type { DeliveryRow } from '../ports/rows.js';

/** The version of the flow that made a delivery; undefined where none did, or it is not here any more. */
export function flowOf({ flowId, flowVersion }: Pick<DeliveryRow, 'flowId' | 'flowVersion'>, configuration: Pick<WorkspaceConfiguration, 'flow'>): LiveFlow | undefined {
  return flowId === null || flowVersion === null ? undefined : configuration.flow(flowId, flowVersion);
}
