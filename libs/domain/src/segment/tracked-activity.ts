import type { CanonicalRecord } from '../canonical/canonical-record.js';
import { ANY_ACTIVITY, activityKey } from './activity-key.js';
import type { PropertyCondition } from './condition.js';
import { compileProperties, type EventFacts, type PropertyMatcher } from './match-properties.js';

/** An activity counter that a condition reads. `key` is the stored key, `name` the event name or `*`, `where` empty for a plain one. */
export interface ActivityKey {
  key: string;
  name: string;
  where: PropertyCondition[];
}

interface Tracked {
  key: string;
  matches: PropertyMatcher;
}

/** The conditional counters of all live conditions, by event name. */
export type TrackedActivity = ReadonlyMap<string, readonly Tracked[]>;

/**
 * Compiles the conditional counters that live segments and flows ask for. Plain counters need no entry: every event has them.
 *
 * @example const tracked = compileTracked(segments.flatMap((segment) => segment.compiled.activityKeys));
 */
export function compileTracked(keys: Iterable<ActivityKey>): TrackedActivity {
  const byName = new Map<string, Map<string, Tracked>>();
  for (const { key, name, where } of keys) {
    if (where.length === 0) continue;
    const ofName = byName.get(name) ?? new Map<string, Tracked>();
    byName.set(name, ofName.set(key, { key, matches: compileProperties(where) }));
  }
  return new Map([...byName].map(([name, ofName]) => [name, [...ofName.values()]]));
}

/** Whether a record is something the person did: a track, page or screen call. The other calls count nowhere. */
export function isActivity(record: Pick<CanonicalRecord, 'type'>): boolean {
  return record.type === 'track' || record.type === 'page' || record.type === 'screen';
}

/**
 * The stored keys of the counters that a record bumps: its name, `*`, and each tracked one whose conditions hold.
 *
 * @example activityKeysOf(record, tracked) // ['Order Completed', '*', 'Order Completed#1tZp…']
 */
export function activityKeysOf(record: EventFacts, tracked: TrackedActivity): string[] {
  if (!isActivity(record)) return [];
  const keys = record.name === ANY_ACTIVITY ? [ANY_ACTIVITY] : [activityKey(record.name), ANY_ACTIVITY];
  return collectTracked(record, tracked, keys);
}

/**
 * The stored keys of the tracked counters alone that a record bumps: what counting stored events anew needs.
 *
 * @example for (const { record } of events) bumpActivity(counted, trackedKeysOf(record, tracked), record.occurredAt, now);
 */
export function trackedKeysOf(record: EventFacts, tracked: TrackedActivity): string[] {
  return isActivity(record) ? collectTracked(record, tracked, []) : [];
}

function collectTracked(record: EventFacts, tracked: TrackedActivity, keys: string[]): string[] {
  collect(record, tracked.get(record.name), keys);
  if (record.name !== ANY_ACTIVITY) collect(record, tracked.get(ANY_ACTIVITY), keys);
  return keys;
}

function collect(record: EventFacts, candidates: readonly Tracked[] | undefined, into: string[]): void {
  for (const candidate of candidates ?? []) if (candidate.matches(record)) into.push(candidate.key);
}
