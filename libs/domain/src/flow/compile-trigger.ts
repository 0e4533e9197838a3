import type { CanonicalRecord } from '../canonical/canonical-record.js';
import { ANY_ACTIVITY } from '../segment/activity-key.js';
import { compileCondition } from '../segment/compile-condition.js';
import { compileProperties } from '../segment/match-properties.js';
import { isActivity } from '../segment/tracked-activity.js';
import type { FlowTrigger } from './flow.js';

/** Something that happened and may start runs. */
export type TriggerOccurrence =
  | { kind: 'event'; record: CanonicalRecord; isHistorical: boolean }
  | { kind: 'segment'; segmentId: string; on: 'entered' | 'left'; isHistorical: boolean }
  | { kind: 'profile'; changedFields: readonly string[]; isHistorical: boolean }
  | { kind: 'consent'; purpose: string; on: 'granted' | 'refused'; isHistorical: boolean }
  /** Of one flow: its schedule has come, on these days (a time of each) of which somebody's date may return. */
  | { kind: 'schedule'; flowId: string; days: readonly number[]; isHistorical: boolean }
  /** Of one flow: somebody called it over REST, or the system that it keeps equal is not. */
  | { kind: 'api' | 'sync'; flowId: string; isHistorical: boolean };

/**
 * Whether an occurrence is of the kind that a trigger waits for. Only what a person did (track, page, screen) is an event; what is historical starts
 * nothing unless the flow accepts it.
 */
export function compileTrigger(flowId: string, trigger: FlowTrigger, acceptsHistorical: boolean): (occurrence: TriggerOccurrence) => boolean {
  const matches = compileKind(flowId, trigger);
  return (occurrence) => (acceptsHistorical || !occurrence.isHistorical) && matches(occurrence);
}

const NOTHING_READ = { traits: [], segments: [], lists: [], consents: [] };

function compileKind(flowId: string, trigger: FlowTrigger): (occurrence: TriggerOccurrence) => boolean {
  switch (trigger.type) {
    case 'event': {
      const holds = compileProperties(trigger.where ?? []);
      return (occurrence) =>
        occurrence.kind === 'event' && isActivity(occurrence.record) && (trigger.name === ANY_ACTIVITY || occurrence.record.name === trigger.name) && holds(occurrence.record);
    }
    case 'segment':
      return (occurrence) => (occurrence.kind === 'segment' && occurrence.segmentId === trigger.segmentId && (trigger.on === 'both' || trigger.on === occurrence.on))
        || (occurrence.kind === 'sync' && occurrence.flowId === flowId);
    case 'profile': {
      const fields = trigger.fields === undefined ? null : new Set(trigger.fields);
      return (occurrence) => occurrence.kind === 'profile' && occurrence.changedFields.some((field) => fields === null || fields.has(field));
    }
    case 'consent':
      return (occurrence) => occurrence.kind === 'consent' && occurrence.purpose === trigger.purpose && (trigger.on === 'both' || trigger.on === occurrence.on);
    case 'sync': {
      // Who comes to be meant is written, as well as whose fields have changed.
      const { traits, segments, lists, consents } = trigger.condition === undefined ? NOTHING_READ : compileCondition(trigger.condition);
      const [fields, purposes, memberships] = [new Set([...trigger.fields, ...traits]), new Set([trigger.purpose, ...consents]), new Set([...segments, ...lists])];
      return (occurrence) => (occurrence.kind === 'profile' && occurrence.changedFields.some((field) => fields.has(field)))
        || (occurrence.kind === 'consent' && purposes.has(occurrence.purpose) && (occurrence.on === 'granted' || occurrence.purpose !== trigger.purpose))
        || (occurrence.kind === 'segment' && memberships.has(occurrence.segmentId))
        || (occurrence.kind === 'sync' && occurrence.flowId === flowId);
    }
    case 'schedule':
    case 'api':
      return (occurrence) => occurrence.kind === trigger.type && occurrence.flowId === flowId;
  }
}
