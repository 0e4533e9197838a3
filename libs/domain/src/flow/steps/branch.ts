import { compileCondition } from '../../segment/compile-condition.js';
import type { BranchStep } from '../flow.js';
import type { CompiledStep, StepOutcome } from '../step.js';

/** Goes the way of the first condition that holds. */
export function branch({ branches, else: otherwise }: BranchStep): CompiledStep {
  const ways = branches.map(({ condition, next }, index) => ({ condition: compileCondition(condition), outcome: { kind: 'passed', reason: `branch-${index}`, next } satisfies StepOutcome }));
  return {
    conditions: ways.map(({ condition }) => condition),
    visit: ({ subject, now }) => ways.find(({ condition }) => condition.evaluate(subject, now).isMember)?.outcome
      ?? { kind: 'passed', reason: 'else', ...(otherwise === undefined ? {} : { next: otherwise }) },
  };
}
