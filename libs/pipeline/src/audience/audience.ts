import type { DeliverStep, SyncMode } from '@firsthand/domain';
import type { DestinationDefinition } from '@firsthand/plugin-sdk';
import { syncModeOf } from '../deliver/decide-delivery.js';
import type { DestinationConnection, LiveFlow, WorkspaceConfiguration } from '../ports/configuration.js';

/** A step of a live flow that keeps an audience, and who belongs in it: the members of a segment, else whom the step has put in. */
export interface Audience {
  flow: LiveFlow;
  step: DeliverStep;
  connection: DestinationConnection;
  destination: DestinationDefinition;
  /** Null where something else than entering a segment brings people to the step. */
  segmentId: string | null;
  purpose: string;
  mode: SyncMode;
  /** Whether every member of the segment belongs in it at once; behind a filter, a wait or a condition that cannot be told from the segment. */
  isWholeSegment: boolean;
}

/** The audiences of a connection that can be compared: of steps of live flows that put people in. */
export function audiencesOf(configuration: WorkspaceConfiguration, connectionId: string): Audience[] {
  const connection = configuration.destinations.get(connectionId);
  if (connection === undefined) return [];
  return configuration.flows.flatMap((flow) => {
    const { steps, trigger, purpose } = flow.compiled.definition;
    // Who leaves is put in nowhere; rules keep equal what their systems hold by reconciles.
    if (trigger.type === 'sync' || (trigger.type === 'segment' && trigger.on === 'left')) return [];
    const segmentId = trigger.type === 'segment' ? trigger.segmentId : null;
    return steps.flatMap((step) => {
      // What a run was answered is known to that run alone: its payload cannot be made again to compare it.
      if (step.type !== 'deliver' || step.connectionId !== connectionId || flow.compiled.readsAnswers.has(step.id)) return [];
      const destination = connection.destinations[step.action];
      const mode = syncModeOf(flow, step.id);
      if (destination?.accepts !== 'membership' || mode === 'delete') return [];
      // Nor what was read from the event that brought the person, and a step that only updates has put nobody in.
      if (segmentId === null && (mode === 'update' || readsEvent(flow, step.id))) return [];
      return [{ flow, step, connection, destination, segmentId, purpose: step.purpose ?? purpose, mode, isWholeSegment: segmentId !== null && isReachedByAll(flow, step.id) }];
    });
  });
}

function readsEvent({ mappings }: LiveFlow, stepId: string): boolean {
  return [...(mappings.get(stepId)?.reads.values() ?? [])].flat().some((path) => path === 'event' || path.startsWith('event.'));
}

/** Whether every run comes to the step, and at once. */
function isReachedByAll({ compiled: { definition: { steps, trigger, reentry, key, goal, exit } } }: LiveFlow, stepId: string): boolean {
  if (trigger.condition !== undefined || reentry !== undefined || key !== undefined || goal !== undefined || exit !== undefined) return false;
  for (let index = 0; index < steps.length;) {
    const step = steps[index];
    if (step?.id === stepId) return true;
    if (step?.type !== 'deliver' && step?.type !== 'setField') return false;
    const { next } = step;
    index = next === undefined ? index + 1 : steps.findIndex(({ id }) => id === next);
    if (index === -1) return false;
  }
  return false;
}
