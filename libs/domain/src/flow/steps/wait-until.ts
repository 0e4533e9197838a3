import { spanMs } from '../../segment/span.js';
import type { WaitUntilStep } from '../flow.js';
import type { CompiledStep, StepOutcome } from '../step.js';
import { compileAwaited, type KeyOf } from './awaited.js';

/** Waits until an event, a condition, or the timeout. An event counts from the moment on that brought the run here. */
export function waitUntil(step: WaitUntilStep, keyOf: KeyOf): CompiledStep {
  const awaited = compileAwaited(step, keyOf);
  const timedOut: StepOutcome = { kind: 'passed', reason: 'timed-out', ...(step.onTimeout === undefined ? {} : { next: step.onTimeout }) };
  return {
    conditions: awaited.conditions, activityKeys: awaited.activityKeys, awaits: awaited.awaits,
    visit(visit) {
      const { wait, now, run } = visit;
      const since = wait?.since ?? run.since;
      const { metBy, nextChangeAt } = awaited.ask(visit, since);
      if (metBy !== null) return { kind: 'passed', reason: metBy };
      const until = wait?.until ?? now + spanMs(step.timeout);
      if (now >= until) return timedOut;
      return { kind: 'waiting', reason: 'wait-until', wait: { since, until, ...(nextChangeAt !== null && nextChangeAt < until ? { lookAt: Math.max(nextChangeAt, now + 1) } : {}) } };
    },
  };
}
