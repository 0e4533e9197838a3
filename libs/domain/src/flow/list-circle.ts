import type { ConditionReads } from '../segment/compile-condition.js';
import type { FlowDefinition } from './flow.js';

/** A segment and what its condition reads of other segments. */
export type ListReader = Pick<ConditionReads, 'segments' | 'lists'> & { segmentId: string };

/**
 * The static list that flows would put people on and take them off without end, each time starting each other; null for none. Who stands on a list already
 * cannot be put there again, so a circle turns only where some list is both entered and left in it: a flow that adds to the list by which it is started does
 * not. Segments that read a list are taken to be entered and left by either.
 *
 * @param flows those that are live, and the one that is to be
 * @example listCircle([...live, definition], segments) // 'vip'
 */
export function listCircle(flows: readonly FlowDefinition[], segments: readonly ListReader[]): string | null {
  const causes = new Map<string, Set<string>>();
  const add = (from: string, to: string): void => void causes.set(from, (causes.get(from) ?? new Set()).add(to));
  const changed = new Set<string>();
  for (const { trigger, steps } of flows) {
    for (const step of steps) {
      if (step.type !== 'addToList' && step.type !== 'removeFromList') continue;
      changed.add(step.segmentId);
      for (const from of startedBy(trigger)) add(from, step.type === 'addToList' ? entered(step.segmentId) : left(step.segmentId));
    }
  }
  for (const { segmentId, segments: read, lists } of segments) {
    // A list's own segment follows it: entered is entered.
    for (const id of [...read, ...lists].filter((one) => one !== segmentId)) {
      for (const from of [entered(id), left(id)]) for (const to of [entered(segmentId), left(segmentId)]) add(from, to);
    }
  }
  return [...changed].sort().find((id) => leadsTo(causes, entered(id), left(id)) && leadsTo(causes, left(id), entered(id))) ?? null;
}

const entered = (segmentId: string): string => `+${segmentId}`;
const left = (segmentId: string): string => `-${segmentId}`;

function startedBy(trigger: FlowDefinition['trigger']): string[] {
  if (trigger.type !== 'segment') return [];
  return [...(trigger.on === 'left' ? [] : [entered(trigger.segmentId)]), ...(trigger.on === 'entered' ? [] : [left(trigger.segmentId)])];
}

function leadsTo(causes: ReadonlyMap<string, ReadonlySet<string>>, from: string, to: string): boolean {
  const seen = new Set<string>();
  const ahead = [from];
  for (let at = ahead.pop(); at !== undefined; at = ahead.pop()) {
    for (const next of causes.get(at) ?? []) {
      if (next === to) return true;
      if (!seen.has(next)) ahead.push(next);
      seen.add(next);
    }
  }
  return false;
}
