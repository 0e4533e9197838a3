import { compileCondition } from '../../segment/compile-condition.js';
import type { FilterStep } from '../flow.js';
import type { CompiledStep } from '../step.js';

/** Ends the run where the condition does not hold. */
export function filter({ condition }: FilterStep): CompiledStep {
  const compiled = compileCondition(condition);
  return {
    conditions: [compiled],
    visit: ({ subject, now }) => (compiled.evaluate(subject, now).isMember
      ? { kind: 'passed', reason: 'condition-holds' } : { kind: 'ended', as: 'stopped', reason: 'condition-does-not-hold' }),
  };
}
