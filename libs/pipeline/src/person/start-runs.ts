import { advanceRun, runId, type TriggerOccurrence } from '@firsthand/domain';
import type { LiveFlow, WorkspaceConfiguration } from '../ports/configuration.js';
import type { EventRow, RunRow } from '../ports/rows.js';
import { isIn, subjectOf } from './move-segments.js';
import type { PersonWork, WorkOutput } from './person-work.js';
import { keepsMembers, operationOf, planDelivery } from './plan-delivery.js';

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

function startRun(flow: LiveFlow, { person, occurrenceId, trigger, event }: Occurrence, configuration: WorkspaceConfiguration, now: number, output: WorkOutput): void {
  const { flowId, version } = flow.compiled.definition;
  const { workspaceId, profileId } = person.profile;
  const run: RunRow = {
    runId: `${workspaceId}|${runId({ workspaceId, flowId, flowVersion: version, profileId, occurrenceId })}`,
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
    // Whoever left, by now or by what started the run, is taken out by removeFromAudiences and not put in.
    if (keepsMembers(planned, configuration) === true && run.segmentId !== null && !isIn(person, run.segmentId)) continue;
    output.deliveries.push(planDelivery(person, run, planned, { operation: operationOf(planned, configuration), cause: null }, now));
  }
  if (wait !== undefined) output.runs.push({ ...run, resumeAtStep: wait.stepIndex, dueAt: wait.until });
}
