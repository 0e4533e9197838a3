import type { Activity } from '../profile/profile.js';
import { activityKey } from './activity-key.js';
import { readActivity } from './compile-activity.js';
import type { ConditionSubject } from './condition-subject.js';
import type { SequenceCondition } from './condition.js';
import { spanMs } from './span.js';
import type { ActivityKey } from './tracked-activity.js';
import { ALWAYS, NEVER, type Until } from './until.js';

/** The counters that a sequence reads, in the order of its steps. */
export function sequenceKeysOf({ sequence }: SequenceCondition): ActivityKey[] {
  return sequence.map(({ event: name, where = [] }) => ({ key: activityKey(name, where, { times: true }), name, where, times: true }));
}

/**
 * Compiles a sequence of events. Of each step its latest 50 times and its first are looked at. Found from the end, each as late as it can
 * be, the first step is as late as it can be too: the sequence holds until that time leaves the span.
 *
 * @example compileSequence({ sequence: [{ event: 'Product Viewed' }, { event: 'Order Completed' }], within: { days: 7 } }).evaluate(subject, now)
 */
export function compileSequence(condition: SequenceCondition): { keys: ActivityKey[]; evaluate: (subject: ConditionSubject, now: number) => Until } {
  const keys = sequenceKeysOf(condition);
  const span = condition.within === undefined ? ALWAYS : spanMs(condition.within);
  return {
    keys,
    evaluate(subject, now) {
      let at = ALWAYS;
      for (let step = keys.length - 1; step >= 0; step -= 1) at = latestBefore(readActivity(subject, (keys[step] as ActivityKey).key), at);
      return at > now - span ? at + span : NEVER;
    },
  };
}

function latestBefore(activity: Activity | undefined, limit: number): number {
  if (activity === undefined) return NEVER;
  const times = activity.times ?? [];
  for (let index = times.length - 1; index >= 0; index -= 1) if ((times[index] as number) < limit) return times[index] as number;
  return activity.first < limit ? activity.first : NEVER;
}
