import { hash } from 'node:crypto';
import type { SplitStep } from '../flow.js';
import type { CompiledStep, RunFacts } from '../step.js';

const BUCKETS = 10_000;

/** Goes a way by share. Who a person is decides, so that each goes the same way again, in later versions of the flow too. */
export function split({ id, branches }: SplitStep): CompiledStep {
  return {
    conditions: [],
    visit({ run }) {
      const bucket = bucketOf(run, id);
      let end = 0;
      for (const [index, { percent, next }] of branches.entries()) {
        end += percent * (BUCKETS / 100);
        if (bucket < end) return { kind: 'passed', reason: `branch-${index}`, next };
      }
      return { kind: 'passed', reason: 'rest' };
    },
  };
}

/** 0 to 9,999, evenly spread over people and apart for each step. */
function bucketOf({ flowId, profileId }: RunFacts, stepId: string): number {
  return Number.parseInt(hash('sha256', JSON.stringify([flowId, stepId, profileId]), 'hex').slice(0, 12), 16) % BUCKETS;
}
