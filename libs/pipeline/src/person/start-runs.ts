import { advanceRun, deliveryId, runId, type PlannedDelivery, type TriggerOccurrence } from '@firsthand/domain';
import type { LiveFlow, WorkspaceConfiguration } from '../ports/configuration.js';
import type { DeliveryOperation, DeliveryRow, EventRow, RunRow } from '../ports/rows.js';
import { subjectOf, type MembershipChange } from './move-segments.js';
import type { PersonWork, WorkOutput } from './person-work.js';

/** Something that happened to a person and may start runs. */
export interface Occurrence {
  person: PersonWork;
  occurrenceId: string | number;
  trigger: TriggerOccurrence;
  event: EventRow | null;
}

/** Starts runs of live flows for one occurrence, and goes with each as far as it can go now. */
export function startRuns(occurrence: Occurrence, configuration: WorkspaceConfiguration, now: number, output: WorkOutput): void {
  for (const flow of configuration.flows) {
    if (flow.compiled.matches(occurrence.trigger)) startRun(flow, occurrence, configuration, now, output);
  }
}

/** Who leaves a segment is taken out of every audience that a live flow on this segment fills; needs no consent. */
export function removeFromAudiences(change: MembershipChange, configuration: WorkspaceConfiguration, now: number, output: WorkOutput): void {
  for (const { compiled: { definition } } of configuration.flows) {
    if (definition.trigger.type !== 'segment' || definition.trigger.segmentId !== change.segmentId) continue;
    for (const step of definition.steps) {
      if (step.type !== 'deliver' || configuration.destinations.get(step.connectionId)?.destinations[step.action]?.accepts !== 'membership') continue;
      const id = runId({ workspaceId: configuration.workspaceId, flowId: definition.flowId, flowVersion: definition.version, profileId: change.person.profile.profileId, occurrenceId: change.changeId });
      const run = { runId: id, flowId: definition.flowId, flowVersion: definition.version, eventId: change.event.eventId, segmentId: change.segmentId };
      const planned = { stepId: step.id, connectionId: step.connectionId, action: step.action, purpose: step.purpose ?? definition.purpose };
      output.deliveries.push(toDelivery(change.person, run, planned, { operation: 'removeMembers', cause: 'segment-left' }, now));
    }
  }
}

function startRun(flow: LiveFlow, { person, occurrenceId, trigger, event }: Occurrence, configuration: WorkspaceConfiguration, now: number, output: WorkOutput): void {
  const { flowId, version } = flow.compiled.definition;
  const { workspaceId, profileId } = person.profile;
  const run: RunRow = {
    runId: runId({ workspaceId, flowId, flowVersion: version, profileId, occurrenceId }),
    workspaceId, flowId, flowVersion: version, profileId,
    eventId: event?.eventId ?? null,
    segmentId: trigger.kind === 'segment' ? trigger.segmentId : null,
    resumeAtStep: 0, startedAt: now, dueAt: now,
  };
  continueRun(flow, run, person, event, configuration, now, output);
}

/** Goes on with a run from its step. What it comes to is added to the output: deliveries, and the run again if it waits. */
export function continueRun(flow: LiveFlow, run: RunRow, person: PersonWork, event: EventRow | null, configuration: WorkspaceConfiguration, now: number, output: WorkOutput): void {
  const subject = { ...subjectOf(person, configuration), ...(event === null ? {} : { event: event.record }) };
  const { deliveries, wait } = advanceRun(flow.compiled, run.resumeAtStep, subject, now);
  for (const planned of deliveries) {
    const operation = operationOf(planned, configuration);
    // A person who left is taken out by removeFromAudiences, whatever `on` says.
    if (operation === 'addMembers' && event?.record.name === 'Segment Exited') continue;
    output.deliveries.push(toDelivery(person, run, planned, { operation, cause: null }, now));
  }
  if (wait !== undefined) output.runs.push({ ...run, resumeAtStep: wait.stepIndex, dueAt: wait.until });
}

/** What a data delivery does: a destination that keeps members is given one. */
export function operationOf({ connectionId, action }: Pick<PlannedDelivery, 'connectionId' | 'action'>, configuration: WorkspaceConfiguration): DeliveryOperation {
  return configuration.destinations.get(connectionId)?.destinations[action]?.accepts === 'membership' ? 'addMembers' : 'send';
}

type RunIdentity = Pick<RunRow, 'runId' | 'flowId' | 'flowVersion' | 'eventId' | 'segmentId'>;

function toDelivery(
  person: PersonWork,
  run: RunIdentity,
  planned: Omit<PlannedDelivery, 'mapping'>,
  { operation, cause }: { operation: DeliveryOperation; cause: string | null },
  now: number,
): DeliveryRow {
  const { workspaceId, profileId } = person.profile;
  const { runId: ofRun, flowId, flowVersion, eventId, segmentId } = run;
  const { stepId, connectionId, action, purpose } = planned;
  person.profile.seq += 1;
  person.isTouched = true;
  return {
    deliveryId: `${workspaceId}|${deliveryId({ workspaceId, flowId, flowVersion, stepId, runId: ofRun, connectionId })}`,
    workspaceId, connectionId, action, operation, class: operation === 'removeMembers' ? 'suppression' : 'data', profileId, seq: person.profile.seq, purpose,
    flowId, flowVersion, stepId, runId: ofRun, eventId, segmentId, cause, createdAt: now, dueAt: now, attempt: 0, state: 'pending', reason: null,
  };
}
