import type { SyncMode } from '../audience/sync-mode.js';
import type { CanonicalRecord } from '../canonical/canonical-record.js';
import { FirsthandError } from '../errors/firsthand-error.js';
import type { JsonObject, JsonValue } from '../json.js';
import type { Mapping } from '../mapping/mapping.js';
import type { Profile } from '../profile/profile.js';
import type { ConditionSubject } from '../segment/condition-subject.js';
import type { CompiledFlow } from './compile-flow.js';
import { DEFAULT_FLOW_SETTINGS, type Contact, type FlowSettings } from './contact-limits.js';
import type { CallStep, DeliverStep, FlowStep, NextStep } from './flow.js';
import type { RunEnd, RunFacts, StepEffect, StepOutcome, StepVisit, StepWait } from './step.js';

/** A delivery that a run has come to. */
export interface PlannedDelivery {
  stepId: string;
  connectionId: string;
  action: string;
  /** The step's purpose, else the flow's. */
  purpose: string;
  /** What the step maps beyond the destination's own defaults; undefined for nothing. */
  mapping: Mapping | undefined;
  /** Where the person notices it; undefined for what nobody does. */
  channel: string | undefined;
  /** Of an action that keeps members; undefined for the default. */
  sync: SyncMode | undefined;
  /** Whether the run waits for its answer. */
  asks?: true;
}

/** What became of one step, for run history, counts and dry runs. */
export interface StepTrace {
  stepId: string;
  outcome: 'passed' | 'stopped' | 'waiting' | 'planned' | 'ended';
  /** Why: a stable word, e.g. `condition-holds`, `branch-0`, `timed-out`. */
  reason: string;
  /** Whether the run came to the step only now. */
  isNew: boolean;
}

/** Where a run stands. */
export interface RunPosition extends Omit<RunFacts, 'flowId'> {
  stepIndex: number;
  /** What it left at that step; null when it only comes there. */
  wait: StepWait | null;
  /** What its calls were answered so far, by step id. */
  answers?: Answers;
}

/** The answers to a run's calls, by step id. */
export type Answers = Readonly<Record<string, JsonObject>>;

/** What a run meets when it goes on. */
export interface RunSurroundings {
  subject: ConditionSubject & { profile: Pick<Profile, 'fields' | 'lists'> };
  now: number;
  /** The event that wakes it, if one does. */
  wokenBy?: CanonicalRecord | null;
  /** The event that started it, if one did. */
  event?: CanonicalRecord | null;
  /** Latest events of the person: see {@link StepVisit.recent}. */
  recent?: readonly CanonicalRecord[];
  settings?: FlowSettings;
  contacts?: readonly Contact[];
  /** Sets a field of the person where this may be: gives the fields as they are then. Without it nothing is set. */
  setField?(stepId: string, field: string, value: JsonValue): Pick<Profile, 'fields'>;
  /** Puts the person on a static list or takes them off: gives their lists as they are then. Without it nothing is changed. */
  changeList?(segmentId: string, isListed: boolean): Pick<Profile, 'lists'>;
}

/** How far a run goes now. */
export interface RunAdvance {
  outcome: RunEnd | 'waiting';
  deliveries: PlannedDelivery[];
  /** Where it waits, and what it leaves there. */
  wait?: { stepIndex: number; state: StepWait };
  /** What brought it to the step at which it stands: see {@link RunFacts}. */
  since: number;
  answers: Answers;
  trace: StepTrace[];
}

/**
 * Walks a run from where it stands until it waits or ends. It plans only: no delivery is allowed by this, that is for the consent decision at the moment of
 * sending. With a step index past the end the run has ended.
 *
 * @throws FirsthandError INVALID_FLOW when steps lead in a circle, which no flow that was published does
 * @example const { deliveries, wait } = advanceRun(flow, { stepIndex: 0, wait: null, profileId, key: null, since: now }, { subject, now });
 */
export function advanceRun(flow: CompiledFlow, position: RunPosition, surroundings: RunSurroundings): RunAdvance {
  const { steps, flowId, purpose } = flow.definition;
  const { now, settings = DEFAULT_FLOW_SETTINGS, wokenBy = null, event = null, recent = [] } = surroundings;
  const advance: RunAdvance = { outcome: 'ended', deliveries: [], since: position.since, answers: position.answers ?? {}, trace: [] };
  const contacts = [...(surroundings.contacts ?? [])];
  let subject: RunSurroundings['subject'] = { ...surroundings.subject, answers: advance.answers };
  let { wait, stepIndex }: { wait: StepWait | null; stepIndex: number | null } = position;
  while (stepIndex !== null && stepIndex < steps.length) {
    const step = steps[stepIndex] as FlowStep;
    if (advance.trace.length > steps.length) throw new FirsthandError('INVALID_FLOW', 'Its steps lead in a circle.');
    const run: RunFacts = { flowId, profileId: position.profileId, key: position.key, startedAt: position.startedAt, since: advance.since };
    const visit: StepVisit = { run, subject, now, wait, wokenBy: wait === null ? null : wokenBy, event, recent, settings, contacts };
    const { end, nextChangeAt } = flow.ends.ask(visit);
    const outcome = end ?? (flow.steps[stepIndex] as CompiledFlow['steps'][number]).visit(visit);
    advance.trace.push({ stepId: step.id, outcome: traced(outcome), reason: outcome.reason, isNew: wait === null });
    if (step.type === 'call' && outcome.kind === 'waiting' && wait === null) advance.deliveries.push({ ...planned(step, purpose), asks: true });
    if (outcome.kind === 'waiting') return { ...advance, outcome: 'waiting', wait: { stepIndex, state: lookingAt(outcome.wait, nextChangeAt, now) } };
    if (outcome.kind === 'ended') return { ...advance, outcome: outcome.as };
    if (wait !== null) advance.since = outcome.reason === 'event' && wokenBy !== null ? wokenBy.occurredAt : now;
    if (step.type === 'deliver' && outcome.effect !== undefined) {
      advance.deliveries.push(planned(step, purpose));
      if (step.channel !== undefined) contacts.push({ channel: step.channel, at: now });
    }
    if (step.type === 'setField') subject = withField(step.id, step.field, outcome.effect, subject, surroundings);
    subject = withList(outcome.effect, subject, surroundings);
    if (outcome.effect !== undefined && 'answers' in outcome.effect) subject = { ...subject, answers: (advance.answers = { ...advance.answers, [step.id]: outcome.effect.answers }) };
    stepIndex = indexOf(steps, outcome.next === undefined ? followingOf(step) : outcome.next, stepIndex);
    wait = null;
  }
  return advance;
}

/** What a step names as next; undefined for the one that follows in the list. */
export function followingOf(step: FlowStep): NextStep | undefined {
  return 'next' in step ? step.next : undefined;
}

function indexOf(steps: readonly FlowStep[], next: NextStep | undefined, from: number): number | null {
  if (next === undefined) return from + 1;
  const index = next === null ? -1 : steps.findIndex(({ id }) => id === next);
  return index === -1 ? null : index;
}

/** A run is looked at again when time alone may bring its goal or exit, if it still waits then. */
function lookingAt(wait: StepWait, nextChangeAt: number | null, now: number): StepWait {
  const { lookAt, wasPaused: _, ...rest } = wait;
  const next = Math.min(lookAt !== undefined && lookAt > now ? lookAt : Infinity, nextChangeAt === null ? Infinity : Math.max(nextChangeAt, now + 1));
  return next < wait.until ? { ...rest, lookAt: next } : rest;
}

function traced(outcome: StepOutcome): StepTrace['outcome'] {
  if (outcome.kind === 'waiting') return 'waiting';
  if (outcome.kind === 'ended') return outcome.as === 'stopped' ? 'stopped' : 'ended';
  return outcome.effect !== undefined && 'delivers' in outcome.effect ? 'planned' : 'passed';
}

function planned(step: DeliverStep | CallStep, ofFlow: string): PlannedDelivery {
  const { id, connectionId, action, purpose, mapping } = step;
  return { stepId: id, connectionId, action, purpose: purpose ?? ofFlow, mapping, channel: step.type === 'deliver' ? step.channel : undefined, sync: step.type === 'deliver' ? step.sync : undefined };
}

/** Later steps see the field as it is then. */
function withField<Subject extends RunSurroundings['subject']>(stepId: string, field: string, effect: StepEffect | undefined, subject: Subject, { setField }: RunSurroundings): Subject {
  if (setField === undefined || effect === undefined || !('sets' in effect) || effect.sets === undefined) return subject;
  return { ...subject, profile: { ...subject.profile, ...setField(stepId, field, effect.sets) } };
}

/** Later steps see the lists as they are then. */
function withList(effect: StepEffect | undefined, subject: RunSurroundings['subject'], { changeList }: RunSurroundings): RunSurroundings['subject'] {
  if (changeList === undefined || effect === undefined || !('list' in effect)) return subject;
  return { ...subject, profile: { ...subject.profile, lists: changeList(effect.list, effect.isListed).lists } };
}
