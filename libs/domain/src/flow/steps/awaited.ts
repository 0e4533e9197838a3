import type { CanonicalRecord } from '../../canonical/canonical-record.js';
import type { JsonValue } from '../../json.js';
import { ANY_ACTIVITY, activityKey } from '../../segment/activity-key.js';
import { compileCondition, type CompiledCondition } from '../../segment/compile-condition.js';
import { compileProperties, holdsAt } from '../../segment/match-properties.js';
import { isActivity, type ActivityKey } from '../../segment/tracked-activity.js';
import type { Awaited } from '../flow.js';
import { runKey } from '../run-key.js';
import type { AwaitedNames, StepVisit } from '../step.js';

export type KeyOf = (record: CanonicalRecord) => string | null;

/** An event or a condition that runs wait for, compiled. */
export interface CompiledAwaited {
  readonly conditions: readonly CompiledCondition[];
  /** The counters that it reads besides those of its condition. */
  readonly activityKeys: readonly ActivityKey[];
  readonly awaits: AwaitedNames;
  /** By what it is met, of what happened after `since`; null while it is not. `nextChangeAt`: when time alone may change that. */
  ask(visit: StepVisit, since: number): { metBy: 'event' | 'condition-holds' | null; nextChangeAt: number | null };
}

/**
 * Compiles what is waited for. An event counts when it wakes the run, and when it was applied before the run came here (channels are not equally quick): then
 * it is found in the person's counters or,
 * where only events of the run's own key matter or its flow was paused, among their recent events.
 */
export function compileAwaited({ event, condition }: Awaited, keyOf: KeyOf): CompiledAwaited {
  const compiled = condition === undefined ? undefined : compileCondition(condition);
  const counter = counterOf(event);
  const isKeyed = isByKey(event);
  const ends = eventMatcher(event, keyOf);
  return {
    conditions: compiled === undefined ? [] : [compiled],
    activityKeys: counter === undefined ? [] : [counter],
    awaits: { event: event?.name ?? null, isCondition: compiled !== undefined, isKeyed },
    ask(visit, since) {
      const { now, subject, wokenBy, recent } = visit;
      const isDone = (wokenBy !== null && wokenBy.occurredAt >= since && ends(wokenBy, visit))
        || (counter !== undefined && lastOf(subject, counter.key) > since)
        || recent.some((record) => record.occurredAt > since && ends(record, visit));
      if (isDone) return { metBy: 'event', nextChangeAt: null };
      const answer = compiled?.evaluate(subject, now);
      return { metBy: answer?.isMember === true ? 'condition-holds' : null, nextChangeAt: answer?.nextChangeAt ?? null };
    },
  };
}

/** What the person's profile counts of the event; nothing where only events of the run's key matter. */
function counterOf(event: Awaited['event']): ActivityKey | undefined {
  if (event === undefined || isByKey(event)) return undefined;
  const where = event.where ?? [];
  return { key: activityKey(event.name, where), name: event.name, where };
}

function lastOf({ profile: { activity } }: StepVisit['subject'], key: string): number {
  return Object.hasOwn(activity, key) ? (activity[key]?.last ?? -Infinity) : -Infinity;
}

function eventMatcher(event: Awaited['event'], keyOf: KeyOf): (record: CanonicalRecord, visit: StepVisit) => boolean {
  if (event === undefined) return () => false;
  const holds = compileProperties(event.where ?? []);
  const isOfKey = keyMatcher(event.sameKey, keyOf);
  return (record, { run }) => isActivity(record) && (event.name === ANY_ACTIVITY || record.name === event.name) && holds(record) && isOfKey(record, run.key);
}

function isByKey(event: Awaited['event']): boolean {
  return event?.sameKey !== undefined && event.sameKey !== false;
}

function keyMatcher(sameKey: string | boolean | undefined, keyOf: KeyOf): (record: CanonicalRecord, key: string | null) => boolean {
  if (typeof sameKey !== 'string') return (record, key) => sameKey !== true || keyOf(record) === key;
  const [root = '', ...keys] = sameKey.split('.');
  const isKey = (key: string) => (value: JsonValue | undefined): boolean => (Array.isArray(value) ? value.some(isKey(key)) : runKey(value) === key);
  return (record, key) => key !== null && holdsAt(record[root as keyof CanonicalRecord] as JsonValue | undefined, keys, isKey(key));
}
