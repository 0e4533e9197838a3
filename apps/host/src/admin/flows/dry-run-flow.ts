import {
  advanceRun, capHorizonMs, changeStanding, compileTracked, FirsthandError, FLOW_SOURCE, isConditional, parseFlow, readAnswer, readProfileField, takeField, type Answers, type CallResult, type ConditionSubject, type Contact, type FlowDefinition, type FlowEnvironment, type PlannedDelivery, type RunAdvance,
  type RunPosition, type StepTrace,
} from '@firsthand/domain';
import { recountActivity } from '@firsthand/persistence';
import { decideDelivery, newPersonWork, operationOf, readSyncGround, subjectOf, type DeliveryRow, type EventRow, type LiveFlow, type RunRow, type SyncGround, type WorkspaceConfiguration } from '@firsthand/pipeline';
import { compileLiveFlow } from '../../configuration/compile-live-flow.js';
import type { AdminContext } from '../admin-context.js';
import type { FlowContent } from '../documents.js';
import type { Caller } from '../http/caller.js';
import { refuseHiddenIdentity } from '../http/refuse-hidden.js';
import { peopleMask } from '../profiles/people-mask.js';
import { workspaceEnvironment } from '../workspace-environment.js';
import { dryRunEvent, dryRunPerson, type DryRunPerson } from './dry-run-person.js';
import type { DryRunBody, DryRunResult } from './flow-bodies.js';
import { refuseHidden } from './flows.js';

type Step = DryRunResult['steps'][number];

const DRY_RUN = 'dry-run';

/**
 * Walks a flow for one person as a run would, waits passed over to their end, and says what each step would do and why. Each delivery goes through the gate
 * that real ones go through; nothing is stored or sent.
 *
 * @throws FirsthandError `INVALID_FLOW` when the draft cannot run, `FORBIDDEN` for what the caller may not read, `NOT_FOUND`
 */
export async function dryRunFlow(admin: AdminContext, caller: Caller, id: string, body: DryRunBody): Promise<DryRunResult> {
  const { workspaceId, ability } = caller;
  const environment = await workspaceEnvironment(admin, workspaceId);
  const definition = await definitionOf(admin, environment, workspaceId, id, body.version);
  refuseHidden(definition, environment, ability);
  return dryRunDefinition(admin, caller, definition, body);
}

/**
 * The same of a flow that is read already, and of which the caller may read everything; of a sync rule's too, by what its system is known to hold.
 *
 * @throws FirsthandError `FORBIDDEN` for an identity that the caller may not read, `NOT_FOUND`
 */
export async function dryRunDefinition(admin: AdminContext, caller: Caller, definition: FlowDefinition, body: DryRunBody): Promise<DryRunResult> {
  const { workspaceId, ability } = caller;
  if (body.identity !== undefined) refuseHiddenIdentity(ability, body.identity.namespace);
  const configuration = admin.configuration.workspace(workspaceId);
  const { flow } = compileLiveFlow(definition, configuration.destinations);
  const person = await withCounters(admin, await dryRunPerson(admin, configuration, body), flow);
  const now = admin.clock();
  const event = dryRunEvent(body, configuration, person, now);
  const subject: ConditionSubject = { ...subjectOf(person, configuration), ...(event === undefined ? {} : { event: event.record }) };
  const key = flow.compiled.keyOf(event?.record ?? null);
  const rule = configuration.syncs?.ofFlow(definition.flowId);
  const sync = rule === undefined ? undefined : await readSyncGround(admin.store, rule, newPersonWork(person.profile, person.consents, false));
  const starts = definition.trigger.type === 'sync' ? flow.compiled.admits(subject, now, configuration.flowSettings) : event === undefined ? null
    : flow.compiled.matches({ kind: 'event', record: event.record, isHistorical: false }) && flow.compiled.admits(subject, now, configuration.flowSettings) && (definition.key === undefined || key !== null);
  const walk = walkOf(flow, person, key, event, configuration, await contactsOf(admin, person, configuration, now), now);
  let answers: Answers = {};
  const result: DryRunResult = { startsOnTrigger: starts, outcome: 'ended', steps: [] };
  for (let at = now; ;) {
    const run = walk(at);
    answers = run.answers;
    let call: Step['delivery'] = null;
    for (const trace of run.trace.filter(isTold)) {
      const planned = run.deliveries.find(({ stepId }) => stepId === trace.stepId);
      const delivery = planned === undefined ? null : tryDelivery({ planned, flow, person, event, answers, sync, configuration, at, isShown: peopleMask(admin, caller).showsRaw });
      if (planned?.asks === true) call = delivery;
      result.steps.push(toStep(trace, run.wait?.state.until, delivery));
    }
    if (run.outcome !== 'waiting' || run.wait === undefined) return { ...result, outcome: run.outcome === 'waiting' ? 'ended' : run.outcome };
    if (call !== null) walk.answer(sampleAnswer(call, body.answers?.[definition.steps[run.wait.stepIndex]?.id ?? '']));
    else at = Math.min(run.wait.state.until, run.wait.state.lookAt ?? Infinity);
  }
}

/** What a call comes to without being made: the sample given, where the gate would have let it pass. */
function sampleAnswer({ wouldSend, reason }: NonNullable<Step['delivery']>, sample: unknown): CallResult {
  if (!wouldSend) return { ok: false, reason: `blocked.${reason}` };
  const answer = sample === undefined ? undefined : readAnswer(sample);
  if (answer === undefined) return { ok: false, reason: 'no-sample-answer' };
  return answer.ok ? { ok: true, answer: answer.text } : { ok: false, reason: 'dead.invalid-answer' };
}

interface Walk {
  (now: number): RunAdvance;
  /** Leaves the result of the call at which the run waits. */
  answer(result: CallResult): void;
}

/** Goes on with the run each time it is called. */
function walkOf(flow: LiveFlow, { profile, consents }: DryRunPerson, key: string | null, event: EventRow | undefined, configuration: WorkspaceConfiguration, contacts: readonly Contact[], begin: number): Walk {
  const met = [...contacts];
  const record = event?.record ?? null;
  let position: RunPosition = { stepIndex: 0, wait: null, profileId: profile.profileId, key, startedAt: record?.occurredAt ?? begin, since: record?.occurredAt ?? begin };
  const walk = (now: number): RunAdvance => {
    const run = advanceRun(flow.compiled, position, {
      subject: { ...subjectOf({ profile, consents }, configuration), profile, ...(record === null ? {} : { event: record }) }, now, event: record, settings: configuration.flowSettings, contacts: met,
      setField(stepId, field, given) {
        const value = readProfileField(configuration.dictionary, field, given);
        // The person of a dry run is a copy that nobody stores.
        if (value !== undefined) takeField(profile, field, { value, at: now, source: FLOW_SOURCE, origin: stepId, version: profile.version }, configuration.ownerRank);
        return profile;
      },
      changeList(segmentId, isListed) {
        changeStanding(profile, segmentId, isListed, { at: now, origin: 'flow' });
        return profile;
      },
    });
    met.push(...run.deliveries.flatMap(({ channel }) => (channel === undefined ? [] : [{ channel, at: now }])));
    position = { ...position, since: run.since, answers: run.answers, stepIndex: run.wait?.stepIndex ?? position.stepIndex, wait: run.wait?.state ?? null };
    return run;
  };
  return Object.assign(walk, { answer: (result: CallResult) => { if (position.wait !== null) position = { ...position, wait: { ...position.wait, call: { deliveryId: DRY_RUN, result } } }; } });
}

/** The end of a wait that was told of already says nothing new. */
function isTold({ isNew, outcome, reason }: StepTrace): boolean {
  return isNew || (outcome !== 'waiting' && reason !== 'delay-over' && reason !== 'window-open');
}

async function contactsOf({ collections }: AdminContext, { profile: { profileId, mergedFrom } }: DryRunPerson, { workspaceId, flowSettings }: WorkspaceConfiguration, now: number): Promise<Contact[]> {
  const horizonMs = capHorizonMs(flowSettings);
  if (horizonMs === 0) return [];
  return collections.contacts.find({ workspaceId, profileId: { $in: [profileId, ...mergedFrom] }, at: { $gt: now - horizonMs } }, { projection: { _id: 0, channel: 1, at: 1 } }).toArray();
}

/** The person with the flow's own counters as their stored events give them: for a draft nobody keeps these. */
async function withCounters({ collections, clock }: AdminContext, person: DryRunPerson, { compiled }: LiveFlow): Promise<DryRunPerson> {
  const { profile } = person;
  const { counters } = await recountActivity(collections, { workspaceId: profile.workspaceId, people: [profile], tracked: compileTracked(compiled.activityKeys), now: clock() });
  const kept = Object.entries(profile.activity).filter(([key]) => !compiled.activityKeys.some((counter) => isConditional(counter) && counter.key === key));
  return { ...person, profile: { ...profile, fields: { ...profile.fields }, activity: { ...Object.fromEntries(kept), ...counters.get(profile.profileId) } } };
}

async function definitionOf(admin: AdminContext, environment: FlowEnvironment, workspaceId: string, id: string, version: number | undefined): Promise<FlowDefinition> {
  const { content } = await admin.repository.get<FlowContent>('flows', workspaceId, id);
  if (version === undefined) return parseFlow({ ...content.draft, flowId: id, version: (content.versions.at(-1)?.version ?? 0) + 1 }, environment);
  const published = content.versions.find((candidate) => candidate.version === version);
  if (published === undefined) throw new FirsthandError('NOT_FOUND', 'The flow has no such version.');
  const { publishedAt: _, ...definition } = published;
  return definition;
}

function toStep({ stepId, outcome, reason }: StepTrace, until: number | undefined, delivery: Step['delivery']): Step {
  return { stepId, outcome, reason, until: outcome === 'waiting' && until !== undefined ? new Date(until).toISOString() : null, delivery };
}

interface Attempt {
  planned: PlannedDelivery;
  flow: LiveFlow;
  person: DryRunPerson;
  event: EventRow | undefined;
  /** What the calls before it were answered. */
  answers: Answers;
  sync: SyncGround | undefined;
  configuration: WorkspaceConfiguration;
  at: number;
  isShown: boolean;
}

function tryDelivery({ planned, flow, person, event, answers, sync, configuration, at, isShown }: Attempt): NonNullable<Step['delivery']> {
  const { connectionId, action, purpose } = planned;
  const connection = configuration.destinations.get(connectionId);
  const told = { connectionId, action, purpose, recipient: connection?.recipient ?? null, recordId: null, fields: [], payload: null };
  if (connection === undefined) return { ...told, wouldSend: false, reason: 'connection-unusable' };
  const row = rowOf(planned, flow, person, event, configuration, at);
  const decision = decideDelivery({
    row, run: runOf(row, answers, at), person: newPersonWork(person.profile, person.consents, false), event, disclosures: [], memberships: [], sync, connection, salt: '', now: at,
    // The draft is not in the configuration; the gate asks there for its mapping.
    configuration: { ...configuration, flow: () => flow },
  });
  const recordId = decision.evidence?.recordId ?? null;
  if (decision.kind === 'end') return { ...told, recordId, wouldSend: false, reason: decision.reason };
  const isOpen = connection.status === 'enabled';
  return {
    ...told, recordId, wouldSend: isOpen, reason: isOpen ? decision.evidence.reason : `connection-${connection.status}`, fields: decision.evidence.fields, payload: isShown ? (decision.payloads[0] ?? null) : null,
  };
}

/** The run as it would wait for a call. */
function runOf({ deliveryId, workspaceId, profileId, segmentId }: DeliveryRow, answers: Answers, at: number): RunRow {
  const wait = { since: at, until: at, call: { deliveryId } };
  return { runId: DRY_RUN, workspaceId, flowId: DRY_RUN, flowVersion: 0, profileId, eventId: null, segmentId, key: null, resumeAtStep: 0, wait, since: at, startedAt: at, dueAt: at, end: null, answers: JSON.stringify(answers) };
}

function rowOf(planned: PlannedDelivery, flow: LiveFlow, { profile }: DryRunPerson, event: EventRow | undefined, configuration: WorkspaceConfiguration, at: number): DeliveryRow {
  const { connectionId, action, purpose, stepId } = planned;
  const { flowId, version, trigger } = flow.compiled.definition;
  return {
    deliveryId: `${configuration.workspaceId}|dry-run`, workspaceId: configuration.workspaceId, connectionId, action, operation: operationOf(planned, configuration), class: 'data', profileId: profile.profileId,
    seq: 0, purpose, flowId, flowVersion: version, stepId, runId: DRY_RUN, eventId: event?.eventId ?? null, segmentId: trigger.type === 'segment' ? trigger.segmentId : null, cause: null,
    createdAt: at, dueAt: at, attempt: 0, state: 'pending', reason: null,
  };
}
