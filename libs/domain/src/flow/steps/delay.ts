import { spanMs } from '../../segment/span.js';
import type { DelayStep } from '../flow.js';
import type { CompiledStep } from '../step.js';

/** Waits for a span, counted from the moment at which the run comes here. */
export function delay({ span }: DelayStep): CompiledStep {
  return {
    conditions: [],
    visit({ wait, now }) {
      if (wait !== null && now >= wait.until) return { kind: 'passed', reason: 'delay-over' };
      return { kind: 'waiting', reason: 'delay', wait: wait ?? { since: now, until: now + spanMs(span) } };
    },
  };
}
