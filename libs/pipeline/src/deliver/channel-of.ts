import type { WorkspaceConfiguration } from '../ports/configuration.js';
import type { DeliveryRow } from '../ports/rows.js';
import { flowOf } from './flow-of.js';

/** The channel on which the person notices a delivery: that of its step, where it names one. Caps and quiet hours are about those. */
export function channelOf(row: DeliveryRow, configuration: WorkspaceConfiguration): string | undefined {
  const compiled = flowOf(row, configuration)?.compiled;
  const step = compiled?.hasChannels === true ? compiled.definition.steps.find(({ id }) => id === row.stepId) : undefined;
  return step?.type === 'deliver' ? step.channel : undefined;
}
