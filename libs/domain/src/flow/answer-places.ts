import type { ErrorPlace } from '../errors/firsthand-error.js';
import { FirsthandError } from '../errors/firsthand-error.js';
import { compileMapping } from '../mapping/compile-mapping.js';
import type { Mapping } from '../mapping/mapping.js';
import type { FlowStep } from './flow.js';

const ROOT = 'answers.';

/** Where the templates of a step read the answer to a call that the flow does not make: they would quietly give nothing. */
export function answerPlaces(step: FlowStep, at: string, calls: ReadonlySet<string>): ErrorPlace[] {
  const [mapping, path]: [Mapping | undefined, string] = step.type === 'setField' ? [{ value: step.value }, at] : step.type === 'deliver' || step.type === 'call' ? [step.mapping, `${at}/mapping`] : [undefined, at];
  return mapping === undefined ? [] : readsAnswersOf(mapping).flatMap(({ target, stepId }) => (calls.has(stepId) ? [] : [{ path: `${path}/${target}`, message: `reads the answer to \`${stepId}\`, which is no call step` }]));
}

/** The answers that a mapping reads, each with the target that is made of it; none of a mapping that does not compile. */
export function readsAnswersOf(mapping: Mapping): { target: string; stepId: string }[] {
  try {
    return [...compileMapping(mapping).reads].flatMap(([target, paths]) => paths.filter((path) => path.startsWith(ROOT)).map((path) => ({ target, stepId: path.slice(ROOT.length).split('.', 1)[0] as string })));
  } catch (error) {
    // It is told of where mappings are checked.
    if (error instanceof FirsthandError) return [];
    throw error;
  }
}
