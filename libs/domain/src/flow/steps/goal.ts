import type { CompiledStep } from '../step.js';

/** Ends the run with its goal reached. */
export function goal(): CompiledStep {
  return { conditions: [], visit: () => ({ kind: 'ended', as: 'goal', reason: 'goal' }) };
}
