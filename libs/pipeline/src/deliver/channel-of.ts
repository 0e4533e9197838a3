import type { WorkspaceConfiguration } from '../ports/configuration.js';
import type { DeliveryRow } from '../ports/rows.js';

/** The channel on which the person notices a delivery: that of its step, where it names one. Caps and quiet hours are about those. */
export function channelOf({ flowId, flowVersion, stepId }: DeliveryRow, configuration: WorkspaceConfiguration): string | undefined {
  const compiled = flowId === null || flowVersion === null ? undefined : configuration.flow(flowId, flowVersion)?.compiled;
  const step = compiled?.hasChannels === true ? compiled.definition.steps.find(({ id }) => id === stepId) : undefined;
  return step?.type === 'deliver' ? step.channel : undefined;
}
