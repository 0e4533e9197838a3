import type { LiveFlow, WorkspaceConfiguration } from '@firsthand/pipeline';

/** What of a flow tells what it refers to. */
export type FlowToRead = Pick<LiveFlow, 'compiled'>;

/** The ids of the live flows that meet a test. */
export function liveFlowsWith({ flows }: Pick<WorkspaceConfiguration, 'flows'>, meets: (flow: LiveFlow) => boolean): string[] {
  return flows.filter(meets).map(({ compiled }) => compiled.definition.flowId);
}

/** Whether a flow is started by a segment, filters by it, or puts people on it or takes them off. */
export function readsSegment({ compiled: { definition: { trigger, steps }, conditions } }: FlowToRead, segmentId: string): boolean {
  return (trigger.type === 'segment' && trigger.segmentId === segmentId) || conditions.some(({ segments, lists }) => segments.includes(segmentId) || lists.includes(segmentId))
    || steps.some((step) => (step.type === 'addToList' || step.type === 'removeFromList') && step.segmentId === segmentId);
}

/** Whether a flow delivers to a connection, or calls it. */
export function deliversTo({ compiled: { definition } }: FlowToRead, connectionId: string): boolean {
  return definition.steps.some((step) => (step.type === 'deliver' || step.type === 'call') && step.connectionId === connectionId);
}

/** Whether a flow delivers under a purpose or filters by it. */
export function restsOn({ compiled: { definition, conditions } }: FlowToRead, purpose: string): boolean {
  return definition.purpose === purpose || definition.steps.some((step) => (step.type === 'deliver' || step.type === 'call') && step.purpose === purpose) || (definition.trigger.type === 'consent' && definition.trigger.purpose === purpose) || conditions.some((condition) => condition.consents.includes(purpose));
}
