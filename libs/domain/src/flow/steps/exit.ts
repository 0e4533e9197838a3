import type { CompiledStep } from '../step.js';

/** Ends the run. */
export function exit(): CompiledStep {
  return { conditions: [], visit: () => ({ kind: 'ended', as: 'exited', reason: 'exit' }) };
}
