import type { CanonicalRecord } from '../canonical/canonical-record.js';
import { fieldOf } from '../profile/field-of.js';
import { compileMapping } from '../mapping/compile-mapping.js';
import { compileCondition, type CompiledCondition } from '../segment/compile-condition.js';
import type { ConditionSubject } from '../segment/condition-subject.js';
import type { ActivityKey } from '../segment/tracked-activity.js';
import { compileEnds, type CompiledEnds } from './compile-ends.js';
import { compileTrigger, type TriggerOccurrence } from './compile-trigger.js';
import { eventView } from './event-view.js';
import type { FlowSettings } from './contact-limits.js';
import type { FlowDefinition, FlowStep, FlowTrigger } from './flow.js';
import { isAnniversary } from './is-anniversary.js';
import { runKey } from './run-key.js';
import type { CompiledStep } from './step.js';
import { templateReads } from './template-reads.js';
import { changeList } from './steps/change-list.js';
import { branch } from './steps/branch.js';
import { call } from './steps/call.js';
import { delay } from './steps/delay.js';
import { deliver } from './steps/deliver.js';
import { exit } from './steps/exit.js';
import { filter } from './steps/filter.js';
import { goal } from './steps/goal.js';
import { setField } from './steps/set-field.js';
import { split } from './steps/split.js';
import { waitUntil } from './steps/wait-until.js';
import { timeWindow } from './steps/window.js';

/** A published flow, compiled once per version. */
export interface CompiledFlow {
  readonly definition: FlowDefinition;
  matches(occurrence: TriggerOccurrence): boolean;
  /**
   * Whether the trigger lets this person in now.
   *
   * @param days a time of each day on which the schedule has come: a date has to return on one of them; today when left out
   */
  admits(subject: ConditionSubject, now: number, settings: Pick<FlowSettings, 'timeZone'>, days?: readonly number[]): boolean;
  /** The key of the run that an event starts; null without a key, or where the event has none. */
  keyOf(record: CanonicalRecord | null): string | null;
  /** By step index. */
  readonly steps: readonly CompiledStep[];
  /** All conditions, of the trigger and in the steps. */
  readonly conditions: readonly CompiledCondition[];
  /** The counters that it reads: track them from publication on. */
  readonly activityKeys: readonly ActivityKey[];
  /** What ends a run wherever it stands. */
  readonly ends: CompiledEnds;
  /** What a run of it may wait for: names of events (`*` any), which of them by the run's key, and conditions. */
  readonly awaits: { readonly events: readonly string[]; readonly keyed: readonly string[]; readonly conditions: boolean };
  /** The steps whose deliveries read what calls were answered. */
  readonly readsAnswers: ReadonlySet<string>;
  /** Whether a step of it reaches people on a channel, so that caps count. */
  readonly hasChannels: boolean;
}

/**
 * Compiles a flow's trigger, key and steps.
 *
 * @throws FirsthandError INVALID_SEGMENT if a condition is not valid, INVALID_MAPPING if a template is not
 * @example const flow = compileFlow(definition);
 */
export function compileFlow(definition: FlowDefinition): CompiledFlow {
  const { trigger } = definition;
  const keyOf = compileKey(definition.key);
  const steps = definition.steps.map((step) => compileStep(step, keyOf));
  const ends = compileEnds(definition, keyOf);
  const admission = trigger.condition === undefined ? undefined : compileCondition(trigger.condition);
  const conditions = [...(admission === undefined ? [] : [admission]), ...steps.flatMap((step) => step.conditions), ...ends.conditions];
  const keys = [...conditions, ...steps, ends].flatMap(({ activityKeys }) => activityKeys ?? []);
  const awaits = [...steps.flatMap((step) => step.awaits ?? []), ...ends.awaits];
  const namesOf = (some: typeof awaits): string[] => [...new Set(some.flatMap(({ event }) => event ?? []))];
  return {
    definition, keyOf, steps, ends, conditions,
    matches: compileTrigger(definition.flowId, trigger, definition.acceptsHistorical),
    admits: (subject, now, settings, days = [now]) => (admission === undefined || admission.evaluate(subject, now).isMember) && isTheirDay(trigger, subject, days, settings) && !ends.holdsFor(subject, now),
    activityKeys: [...new Map(keys.map((key) => [key.key, key])).values()],
    awaits: { events: namesOf(awaits), keyed: namesOf(awaits.filter(({ isKeyed }) => isKeyed)), conditions: awaits.some(({ isCondition }) => isCondition) },
    readsAnswers: new Set(definition.steps.filter((step) => (step.type === 'deliver' || step.type === 'call') && step.mapping !== undefined && templateReads(step.mapping).some(({ path }) => path.startsWith('answers.'))).map(({ id }) => id)),
    hasChannels: definition.steps.some((step) => step.type === 'deliver' && step.channel !== undefined),
  };
}

/**
 * Whether an occurrence starts a run of the flow, as far as it goes by the occurrence itself: {@link CompiledFlow.admits} asks about the person.
 *
 * @example matchTrigger(flow, { kind: 'event', record, isHistorical: false })
 */
export function matchTrigger(flow: CompiledFlow, occurrence: TriggerOccurrence): boolean {
  return flow.matches(occurrence);
}

function isTheirDay(trigger: FlowTrigger, { profile }: ConditionSubject, days: readonly number[], { timeZone }: Pick<FlowSettings, 'timeZone'>): boolean {
  if (trigger.type !== 'schedule' || trigger.anniversaryOf === undefined) return true;
  const date = fieldOf(profile, trigger.anniversaryOf)?.value;
  return days.some((day) => isAnniversary(date, day, trigger.timeZone ?? timeZone));
}

function compileStep(step: FlowStep, keyOf: CompiledFlow['keyOf']): CompiledStep {
  switch (step.type) {
    case 'filter': return filter(step);
    case 'branch': return branch(step);
    case 'split': return split(step);
    case 'delay': return delay(step);
    case 'waitUntil': return waitUntil(step, keyOf);
    case 'window': return timeWindow(step);
    case 'setField': return setField(step);
    case 'addToList': return changeList(step);
    case 'removeFromList': return changeList(step);
    case 'deliver': return deliver(step);
    case 'call': return call(step);
    case 'goal': return goal();
    case 'exit': return exit();
  }
}

function compileKey(template: string | undefined): CompiledFlow['keyOf'] {
  if (template === undefined) return () => null;
  const mapping = compileMapping({ key: template });
  return (record) => (record === null ? null : runKey(mapping.apply({ event: eventView(record) }, {}).key));
}
