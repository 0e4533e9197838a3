import type { CanonicalRecord } from '../canonical/canonical-record.js';
import type { ActivityBump } from '../profile/fold-activity.js';
import { ANY_ACTIVITY, activityKey, type KeptActivity } from './activity-key.js';
import type { PropertyCondition } from './condition.js';
import { compileProperties, type EventFacts, type PropertyMatcher } from './match-properties.js';
import { compileSum } from './sum-property.js';

/** An activity counter that a condition reads. `key` is the stored key, `name` the event name or `*`, `where` empty for a plain one. */
export interface ActivityKey extends KeptActivity {
  key: string;
  name: string;
  where: PropertyCondition[];
}

interface Tracked {
  key: string;
  matches: PropertyMatcher;
  bumpOf(record: EventFacts): ActivityBump;
}

/** The conditional counters of all live conditions, by event name. */
export type TrackedActivity = ReadonlyMap<string, readonly Tracked[]>;

/**
 * Whether a counter is kept only where something live asks for it. Plain ones are kept of every event.
 *
 * @example compiled.activityKeys.filter(isConditional)
 */
export function isConditional({ where, sum, times }: Pick<ActivityKey, 'where' | 'sum' | 'times'>): boolean {
  return where.length > 0 || sum !== undefined || times !== undefined;
}

/**
 * Compiles the conditional counters that live segments and flows ask for. Plain counters need no entry: every event has them.
 *
 * @example const tracked = compileTracked(segments.flatMap((segment) => segment.compiled.activityKeys));
 */
export function compileTracked(keys: Iterable<ActivityKey>): TrackedActivity {
  const byName = new Map<string, Map<string, Tracked>>();
  for (const counter of keys) {
    if (!isConditional(counter)) continue;
    const { key, name, where } = counter;
    const ofName = byName.get(name) ?? new Map<string, Tracked>();
    byName.set(name, ofName.set(key, { key, matches: compileProperties(where), bumpOf: compileBump(counter) }));
  }
  return new Map([...byName].map(([name, ofName]) => [name, [...ofName.values()]]));
}

function compileBump({ key, sum, times }: ActivityKey): Tracked['bumpOf'] {
  if (times !== undefined) return () => ({ key, isTimed: true });
  if (sum === undefined) return () => key;
  const amountOf = compileSum(sum);
  return (record) => ({ key, amount: amountOf(record) });
}

/** Whether a record is something the person did: a track, page or screen call. The other calls count nowhere. */
export function isActivity(record: Pick<CanonicalRecord, 'type'>): boolean {
  return record.type === 'track' || record.type === 'page' || record.type === 'screen';
}

/**
 * The counters that a record bumps: its name, `*`, and each tracked one whose conditions hold.
 *
 * @example activityKeysOf(record, tracked) // ['Order Completed', '*', 'Order Completed#1tZp…']
 */
export function activityKeysOf(record: EventFacts, tracked: TrackedActivity): ActivityBump[] {
  if (!isActivity(record)) return [];
  const keys = record.name === ANY_ACTIVITY ? [ANY_ACTIVITY] : [activityKey(record.name), ANY_ACTIVITY];
  return collectTracked(record, tracked, keys);
}

/**
 * The tracked counters alone that a record bumps: what counting stored events anew needs.
 *
 * @example for (const { record } of events) bumpActivity(counted, trackedKeysOf(record, tracked), record.occurredAt, now);
 */
export function trackedKeysOf(record: EventFacts, tracked: TrackedActivity): ActivityBump[] {
  return isActivity(record) ? collectTracked(record, tracked, []) : [];
}

function collectTracked(record: EventFacts, tracked: TrackedActivity, bumps: ActivityBump[]): ActivityBump[] {
  collect(record, tracked.get(record.name), bumps);
  if (record.name !== ANY_ACTIVITY) collect(record, tracked.get(ANY_ACTIVITY), bumps);
  return bumps;
}

function collect(record: EventFacts, candidates: readonly Tracked[] | undefined, into: ActivityBump[]): void {
  for (const candidate of candidates ?? []) if (candidate.matches(record)) into.push(candidate.bumpOf(record));
}
