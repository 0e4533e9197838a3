import type { CanonicalRecord } from '../../canonical/canonical-record.js';
import { ANY_ACTIVITY, activityKey } from '../../segment/activity-key.js';
import { compileCondition } from '../../segment/compile-condition.js';
import { compileProperties } from '../../segment/match-properties.js';
import { spanMs } from '../../segment/span.js';
import { isActivity, type ActivityKey } from '../../segment/tracked-activity.js';
import type { WaitUntilStep } from '../flow.js';
import type { CompiledStep, StepOutcome, StepVisit } from '../step.js';

type KeyOf = (record: CanonicalRecord) => string | null;

/**
 * Waits until an event, a condition, or the timeout. An event counts from the moment on that brought the run here: one that was applied before the run
 * came (channels are not equally quick) is found in the person's counters.
 */
export function waitUntil(step: WaitUntilStep, keyOf: KeyOf): CompiledStep {
  const condition = step.condition === undefined ? undefined : compileCondition(step.condition);
  const counter = counterOf(step);
  const ends = eventMatcher(step, keyOf);
  const timedOut: StepOutcome = { kind: 'passed', reason: 'timed-out', ...(step.onTimeout === undefined ? {} : { next: step.onTimeout }) };
  return {
    conditions: condition === undefined ? [] : [condition],
    activityKeys: counter === undefined ? [] : [counter],
    awaits: { event: step.event?.name ?? null, isCondition: condition !== undefined },
    visit(visit) {
      const { wait, now, subject, run, wokenBy } = visit;
      const since = wait?.since ?? run.since;
      if (wokenBy !== null && wokenBy.occurredAt >= since && ends(wokenBy, visit)) return { kind: 'passed', reason: 'event' };
      if (counter !== undefined && lastOf(subject, counter.key) > since) return { kind: 'passed', reason: 'event' };
      const answer = condition?.evaluate(subject, now);
      if (answer?.isMember === true) return { kind: 'passed', reason: 'condition-holds' };
      const until = wait?.until ?? now + spanMs(step.timeout);
      if (now >= until) return timedOut;
      const lookAt = answer?.nextChangeAt ?? null;
      return { kind: 'waiting', reason: 'wait-until', wait: { since, until, ...(lookAt !== null && lookAt < until ? { lookAt: Math.max(lookAt, now + 1) } : {}) } };
    },
  };
}

/** What the person's profile counts of the event; nothing where only events of the run's key matter. */
function counterOf({ event }: WaitUntilStep): ActivityKey | undefined {
  if (event === undefined || event.sameKey === true) return undefined;
  const where = event.where ?? [];
  return { key: activityKey(event.name, where), name: event.name, where };
}

function lastOf({ profile: { activity } }: StepVisit['subject'], key: string): number {
  return Object.hasOwn(activity, key) ? (activity[key]?.last ?? -Infinity) : -Infinity;
}

function eventMatcher({ event }: WaitUntilStep, keyOf: KeyOf): (record: CanonicalRecord, visit: StepVisit) => boolean {
  if (event === undefined) return () => false;
  const holds = compileProperties(event.where ?? []);
  return (record, { run }) => isActivity(record) && (event.name === ANY_ACTIVITY || record.name === event.name) && holds(record) && (event.sameKey !== true || keyOf(record) === run.key);
}
