import type { CanonicalRecord } from '../canonical/canonical-record.js';
import { ANY_ACTIVITY } from '../segment/activity-key.js';
import { compileCondition, type CompiledCondition } from '../segment/compile-condition.js';
import { compileProperties } from '../segment/match-properties.js';
import { isActivity, type ActivityKey } from '../segment/tracked-activity.js';
import type { FlowDefinition, FlowTrigger } from './flow.js';

/** Something that happened and may start runs. */
export type TriggerOccurrence =
  | { kind: 'event'; record: CanonicalRecord; isHistorical: boolean }
  | { kind: 'segment'; segmentId: string; on: 'entered' | 'left'; isHistorical: boolean }
  | { kind: 'profile'; changedFields: readonly string[]; isHistorical: boolean };

/** A published flow, compiled once per version. */
export interface CompiledFlow {
  readonly definition: FlowDefinition;
  matches(occurrence: TriggerOccurrence): boolean;
  /** By step index; undefined for a step that is no filter. */
  readonly conditions: readonly (CompiledCondition | undefined)[];
  /** The counters that its filters read: track them from publication on. */
  readonly activityKeys: readonly ActivityKey[];
}

/**
 * Compiles a flow's trigger and filters.
 *
 * @throws FirsthandError INVALID_SEGMENT if a filter's condition is not valid
 * @example const flow = compileFlow(definition);
 */
export function compileFlow(definition: FlowDefinition): CompiledFlow {
  const conditions = definition.steps.map((step) => (step.type === 'filter' ? compileCondition(step.condition) : undefined));
  const keys = conditions.flatMap((condition) => condition?.activityKeys ?? []);
  return {
    definition,
    matches: compileTrigger(definition.trigger, definition.acceptsHistorical),
    conditions,
    activityKeys: [...new Map(keys.map((key) => [key.key, key])).values()],
  };
}

/**
 * Whether an occurrence starts a run of the flow. Only what a person did (track, page, screen) is an event; what is historical starts
 * nothing unless the flow accepts it.
 *
 * @example matchTrigger(flow, { kind: 'event', record, isHistorical: false })
 */
export function matchTrigger(flow: CompiledFlow, occurrence: TriggerOccurrence): boolean {
  return flow.matches(occurrence);
}

function compileTrigger(trigger: FlowTrigger, acceptsHistorical: boolean): CompiledFlow['matches'] {
  switch (trigger.type) {
    case 'event': {
      const holds = compileProperties(trigger.where ?? []);
      return (occurrence) =>
        occurrence.kind === 'event' && (acceptsHistorical || !occurrence.isHistorical) && isActivity(occurrence.record) &&
        (trigger.name === ANY_ACTIVITY || occurrence.record.name === trigger.name) && holds(occurrence.record);
    }
    case 'segment':
      return (occurrence) =>
        occurrence.kind === 'segment' && (acceptsHistorical || !occurrence.isHistorical) &&
        occurrence.segmentId === trigger.segmentId && (trigger.on === 'both' || trigger.on === occurrence.on);
    case 'profile': {
      const fields = trigger.fields === undefined ? null : new Set(trigger.fields);
      return (occurrence) =>
        occurrence.kind === 'profile' && (acceptsHistorical || !occurrence.isHistorical) &&
        occurrence.changedFields.some((field) => fields === null || fields.has(field));
    }
  }
}
