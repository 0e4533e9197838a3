import type { JsonObject } from '../../json.js';
import { spanMs } from '../../segment/span.js';
import type { CallStep } from '../flow.js';
import type { CallResult, CompiledStep } from '../step.js';

/** How long a call is waited for where the step does not say. */
export const DEFAULT_CALL_TIMEOUT = { hours: 1 } as const;

const TIMED_OUT: CallResult = { ok: false, reason: 'call-timed-out' };

/** Asks a destination, and waits for its answer: nothing is asked while the flow is paused, so its time begins anew then. Whatever keeps the answer away ends the run, unless the step says that it goes on. */
export function call({ timeout = DEFAULT_CALL_TIMEOUT, onFailure = 'exit' }: CallStep): CompiledStep {
  return {
    conditions: [],
    visit({ wait, now }) {
      const isNew = wait === null || wait.wasPaused === true;
      const result = wait?.call?.result ?? (!isNew && now >= wait.until ? TIMED_OUT : undefined);
      if (result === undefined) return { kind: 'waiting', reason: 'call', wait: isNew ? { ...(wait ?? { since: now }), until: now + spanMs(timeout) } : wait };
      if (result.ok) return { kind: 'passed', reason: 'answered', effect: { answers: JSON.parse(result.answer) as JsonObject } };
      return onFailure === 'continue' ? { kind: 'passed', reason: result.reason } : { kind: 'ended', as: 'stopped', reason: result.reason };
    },
  };
}
