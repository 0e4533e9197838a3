import { advanceRun, changeStanding, FLOW_ORIGIN, FLOW_SOURCE, readProfileField, runId, spanMs, takeField, type Answers, type AwaitedNames, type Contact, type FlowStep, type FlowTrigger, type JsonValue, type PlannedDelivery, type Profile, type RunAdvance, type TriggerOccurrence } from '@firsthand/domain';
import { flowCause } from '../changes/change-cause.js';
import { isIn, subjectOf } from '../person/move-segments.js';
import { nextVersion, type PersonWork, type WorkOutput } from '../person/person-work.js';
import { keepsMembers, operationOf, planDelivery } from '../person/plan-delivery.js';
import type { LiveFlow, WorkspaceConfiguration } from '../ports/configuration.js';
import type { DeliveryRow, EventRow, RunRow } from '../ports/rows.js';
import { PAUSED_DUE_AT } from '../ports/waiting-reasons.js';
import type { DueRun, Occurrence } from './occurrence.js';
import { entryIdsOf, keyOf, type FlowFacts } from './read-flow-facts.js';

/** A run that waits, as this transaction has it. */
interface Held {
  run: RunRow;
  event: EventRow | null;
  /** Whether its row is there: it is written again, not inserted. */
  isStored: boolean;
  isChanged: boolean;
}

/** A version that cannot be compiled may be so again. */
const VERSION_MISSING_MS = 60 * 60_000;

/** The runs of one transaction. It changes people in memory and adds to the output; nothing is written here. */
export class RunBook {
  private readonly held = new Map<PersonWork, Held[]>();
  private readonly contacts = new Map<PersonWork, Contact[]>();
  private readonly entries: Map<string, number>;

  constructor(private readonly configuration: WorkspaceConfiguration, private readonly facts: FlowFacts, private readonly now: number, private readonly output: WorkOutput) {
    this.entries = new Map(facts.entries);
    for (const [person, contacts] of facts.contacts) this.contacts.set(person, [...contacts]);
    for (const [person, runs] of facts.waiting) {
      this.held.set(person, runs.map((run) => ({ run, event: run.eventId === null ? null : (facts.events.get(run.eventId) ?? null), isStored: true, isChanged: false })));
    }
  }

  /** Goes on with a run that was taken out of the store because its time has come. */
  resumeDue({ run, person, event }: DueRun): void {
    // It may be among those that wait, read before it was taken.
    this.held.set(person, this.heldOf(person).filter((other) => other.run.runId !== run.runId));
    const flow = this.configuration.flow(run.flowId, run.flowVersion);
    if (flow === undefined) this.output.runs.push({ ...run, dueAt: this.now + VERSION_MISSING_MS });
    else if (this.isPaused(run)) this.park(person, { run, event, isStored: false, isChanged: true });
    else this.advance(flow, person, { run, event, isStored: false, isChanged: true }, null);
  }

  /** Goes on with the runs that wait for an event. */
  wake({ person, trigger, event }: Occurrence): void {
    if (trigger.kind !== 'event') return;
    const { name } = trigger.record;
    for (const held of this.heldOf(person)) {
      if (this.awaitsOf(held).some((awaits) => awaits.event === name || awaits.event === '*')) this.resume(person, held, event);
    }
  }

  /** Goes on with stored runs that wait for a condition: the people in this transaction are other ones now. */
  lookAgain(): void {
    for (const person of this.held.keys()) {
      for (const held of this.heldOf(person)) if (held.isStored && this.awaitsOf(held).some(({ isCondition }) => isCondition)) this.resume(person, held, null);
    }
  }

  /** Starts a run, where the flow lets the person in, and goes with it as far as it can go now. */
  start(flow: LiveFlow, occurrence: Occurrence): void {
    const { person, occurrenceId, trigger, event } = occurrence;
    const { compiled: { definition, admits } } = flow;
    const { flowId, version } = definition;
    const { workspaceId, profileId } = person.profile;
    const key = keyOf(flow, occurrence);
    if (definition.key !== undefined && key === null) return;
    if (!admits(this.subject(person, event), this.now, this.configuration.flowSettings, trigger.kind === 'schedule' ? trigger.days : undefined) || !this.mayEnter(flow, person, key)) return;
    const run: RunRow = {
      runId: `${workspaceId}|${runId({ workspaceId, flowId, flowVersion: version, profileId, occurrenceId })}`,
      workspaceId, flowId, flowVersion: version, profileId, eventId: event?.eventId ?? null, segmentId: segmentOf(trigger, definition.trigger),
      key, resumeAtStep: 0, wait: null, since: event?.record.occurredAt ?? this.now, startedAt: this.now, dueAt: this.now, end: null,
    };
    this.advance(flow, person, { run, event, isStored: false, isChanged: false }, null);
  }

  /** Adds the runs that are other ones now to the output. */
  close(): void {
    for (const { run, isStored, isChanged } of [...this.held.values()].flat()) {
      if (isChanged) (isStored ? this.output.movedRuns : this.output.runs).push(run);
    }
    for (const person of new Set([...this.held.keys(), ...this.facts.waiting.keys()])) this.noteWaiting(person);
  }

  /** Every run that comes to wait writes its person, so that the mark is there with it; it goes with a write that knows of all their runs. */
  private noteWaiting(person: PersonWork): void {
    if (this.heldOf(person).some(({ run }) => run.end === null)) person.profile.hasWaitingRuns = true;
    else if (person.isTouched && this.facts.waiting.has(person)) delete person.profile.hasWaitingRuns;
  }

  private heldOf(person: PersonWork): Held[] {
    return this.held.get(person) ?? [];
  }

  /** What brings a run on that waits: of its step, and of its flow wherever it stands. */
  private awaitsOf({ run }: Held): readonly AwaitedNames[] {
    const compiled = run.end === null ? this.configuration.flow(run.flowId, run.flowVersion)?.compiled : undefined;
    if (compiled === undefined) return [];
    const ofStep = compiled.steps[run.resumeAtStep]?.awaits;
    return ofStep === undefined ? compiled.ends.awaits : [ofStep, ...compiled.ends.awaits];
  }

  private resume(person: PersonWork, held: Held, wokenBy: EventRow | null): void {
    const { run } = held;
    const flow = this.configuration.flow(run.flowId, run.flowVersion);
    if (flow === undefined) return;
    if (this.isPaused(run)) this.park(person, held);
    // The sweep asks what else has happened since.
    else if (run.wait?.wasPaused === true) this.keep(person, held, { ...run, dueAt: this.now });
    else this.advance(flow, person, held, wokenBy);
  }

  private isPaused({ flowId }: RunRow): boolean {
    return this.configuration.pausedFlows?.has(flowId) === true;
  }

  /** A run that would go on stays where it stands, until its flow is resumed. */
  private park(person: PersonWork, held: Held): void {
    const { run } = held;
    if (run.dueAt === PAUSED_DUE_AT) return;
    this.keep(person, held, { ...run, wait: run.wait === null ? null : { ...run.wait, wasPaused: true }, dueAt: PAUSED_DUE_AT });
  }

  private subject(person: PersonWork, event: EventRow | null) {
    // The profile itself, not a copy: a field that a step sets is there for the next.
    return { ...subjectOf(person, this.configuration), profile: person.profile, ...(event === null ? {} : { event: event.record }) };
  }

  private mayEnter(flow: LiveFlow, person: PersonWork, key: string | null): boolean {
    const { flowId, reentry } = flow.compiled.definition;
    if (reentry === undefined) return true;
    if (reentry === 'one-at-a-time') return !this.heldOf(person).some(({ run }) => run.end === null && run.flowId === flowId && run.key === key);
    const ids = entryIdsOf(flow, person, key);
    const last = Math.max(...ids.map((id) => this.entries.get(id) ?? -Infinity));
    if (last > -Infinity && (reentry === 'never' || this.now < last + spanMs(reentry.after))) return false;
    const entryId = ids[0] as string;
    this.entries.set(entryId, this.now);
    this.output.flowEntries.push({ entryId, workspaceId: person.profile.workspaceId, profileId: person.profile.profileId, at: this.now });
    return true;
  }

  private advance(flow: LiveFlow, person: PersonWork, held: Held, wokenBy: EventRow | null): void {
    const { run, event } = held;
    const { definition } = flow.compiled;
    // Whoever works on the same person meets this at the profile: no event is overlooked between a run's coming to wait and its waiting.
    person.isTouched = true;
    const startedAt = event?.record.occurredAt ?? run.startedAt;
    const walk = advanceRun(flow.compiled, { stepIndex: run.resumeAtStep, wait: run.wait, profileId: person.profile.profileId, key: run.key, startedAt, since: run.since, ...answersOf(run) }, {
      subject: this.subject(person, event), now: this.now, wokenBy: wokenBy?.record ?? null, event: event?.record ?? null, recent: this.facts.recent.get(person) ?? [],
      settings: this.configuration.flowSettings, contacts: this.contacts.get(person) ?? [], setField: (stepId, field, value) => this.setField(person, run, stepId, field, value),
      changeList: (segmentId, isListed) => this.changeList(person, run, segmentId, isListed),
    });
    this.output.stepCounts.add(run.flowId, run.flowVersion, walk.trace);
    const rows = walk.deliveries.flatMap((planned) => this.deliver(person, run, planned, hasWaited(held)) ?? []);
    this.keep(person, held, moved(run, walk, definition.steps, this.now, rows.find(({ operation }) => operation === 'ask')));
  }

  /** A run that ends and never waited leaves nothing. */
  private keep(person: PersonWork, held: Held, run: RunRow): void {
    const others = this.heldOf(person).filter((other) => other !== held);
    const neverWaited = run.end !== null && !hasWaited(held);
    this.held.set(person, neverWaited ? others : [...others, { ...held, run, isChanged: true }]);
  }

  private deliver(person: PersonWork, run: RunRow, planned: PlannedDelivery, isLater: boolean): DeliveryRow | null {
    if (planned.sync === 'delete') {
      this.output.deliveries.push(planDelivery(person, run, planned, { operation: 'removeMembers', cause: 'sync-delete', hasWaited: isLater }, this.now));
      return null;
    }
    // Whoever left, by now or by what started the run, is taken out by removeFromAudiences and not put in.
    if (keepsMembers(planned, this.configuration) === true && run.segmentId !== null && !isIn(person, run.segmentId)) return null;
    const row = planDelivery(person, run, planned, { operation: operationOf(planned, this.configuration), cause: null, hasWaited: isLater }, this.now);
    this.output.deliveries.push(row);
    if (planned.channel === undefined) return row;
    const { workspaceId, profileId } = person.profile;
    this.contacts.set(person, [...(this.contacts.get(person) ?? []), { channel: planned.channel, at: this.now }]);
    this.output.contacts.push({ contactId: row.deliveryId, workspaceId, profileId, channel: planned.channel, at: this.now });
    return row;
  }

  /** Starts no flow on changed fields, or two of them could chase each other without end; segments look at it at the next sweep. */
  private setField(person: PersonWork, { runId: id, flowId }: RunRow, stepId: string, field: string, given: JsonValue): Pick<Profile, 'fields'> {
    const value = readProfileField(this.configuration.dictionary, field, given);
    if (value === undefined) return person.profile;
    const candidate = { value, at: this.now, source: FLOW_SOURCE, origin: `${id}|${stepId}`, version: nextVersion(person) };
    if (takeField(person.profile, field, candidate, this.configuration.ownerRank)) {
      person.changedFields.add(field);
      person.causes.push({ cause: flowCause(flowId), fields: [field] });
      this.evaluateAgain(person);
    }
    return person.profile;
  }

  /** What follows from it comes with the next sweep, as it does for fields. */
  private changeList(person: PersonWork, { flowId }: RunRow, segmentId: string, isListed: boolean): Pick<Profile, 'lists'> {
    if (changeStanding(person.profile, segmentId, isListed, { at: this.now, origin: `${FLOW_ORIGIN}${flowId}` })) this.evaluateAgain(person);
    return person.profile;
  }

  /** Segments have been evaluated already: the next sweep evaluates all of them. */
  private evaluateAgain(person: PersonWork): void {
    delete person.profile.evaluated;
    person.dueAt = this.now;
  }
}

/** Whether a run comes to its step out of a wait. */
function hasWaited({ isStored, isChanged }: Held): boolean {
  return isStored || isChanged;
}

/** A run that is started to make a system equal is about the segment of its flow, as one is whose person has just entered it. */
function segmentOf(occurrence: TriggerOccurrence, trigger: FlowTrigger): string | null {
  if (occurrence.kind === 'segment') return occurrence.segmentId;
  return occurrence.kind === 'sync' && trigger.type === 'segment' ? trigger.segmentId : null;
}

/** A run that has come to a call waits for the delivery that asks. */
function moved(before: RunRow, { outcome, wait, since, answers, trace }: RunAdvance, steps: readonly FlowStep[], now: number, asking: DeliveryRow | undefined): RunRow {
  // It stays with the profile that it was started for, also while that is merged into another: who is taken apart again has their own.
  const run = Object.keys(answers).length === 0 ? before : { ...before, answers: JSON.stringify(answers) };
  if (wait !== undefined) {
    const state = asking === undefined ? wait.state : { ...wait.state, call: { deliveryId: asking.deliveryId } };
    return { ...run, since, resumeAtStep: wait.stepIndex, wait: state, dueAt: Math.min(state.until, state.lookAt ?? Infinity) };
  }
  const last = trace.at(-1);
  return { ...run, since, resumeAtStep: steps.length, wait: null, dueAt: null, end: { as: outcome as Exclude<typeof outcome, 'waiting'>, stepId: last?.stepId ?? null, at: now, ...(last === undefined ? {} : { reason: last.reason }) } };
}

function answersOf({ answers }: RunRow): { answers?: Answers } {
  return answers === undefined ? {} : { answers: JSON.parse(answers) as Answers };
}
