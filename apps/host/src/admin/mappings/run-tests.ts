import { FirsthandError, runMappingTest, type ErrorPlace, type JsonValue, type MappingSurroundings, type Mismatch } from '@firsthand/domain';
import type { MappingDraft } from '../documents.js';
import { compileFor } from './mapping-source.js';

/** How the tests of a mapping came out. */
export interface MappingTestResults {
  passed: boolean;
  tests: { name: string; passed: boolean; mismatches: Mismatch[] }[];
}

const MAX_SHOWN = 200;

/** @throws FirsthandError `INVALID_MAPPING` */
export function runTests({ mapping, tests }: MappingDraft, surroundings: MappingSurroundings): MappingTestResults {
  const compiled = compileFor(mapping, surroundings.dictionary);
  const results = tests.map((test) => {
    const mismatches = runMappingTest(compiled, test, surroundings);
    return { name: test.name, passed: mismatches.length === 0, mismatches };
  });
  return { passed: results.every(({ passed }) => passed), tests: results };
}

/** @throws FirsthandError `INVALID_MAPPING`, and `MAPPING_TEST_FAILED` with the place of each mismatch, what was expected and what came */
export function refuseFailing(draft: MappingDraft, surroundings: MappingSurroundings): void {
  const { passed, tests } = runTests(draft, surroundings);
  if (passed) return;
  const places = tests.flatMap(({ name, mismatches }, index) => mismatches.map(({ path, expected, got }): ErrorPlace => (
    { path: `/tests/${index}${path === '/error' ? '/expectedError' : `/expected${path}`}`, message: `in "${name}": expected ${shown(expected)}, got ${shown(got)}` })));
  // Values stand in the answer alone: what is thrown may be written down.
  throw new FirsthandError('MAPPING_TEST_FAILED', `${tests.filter((test) => !test.passed).length} of ${tests.length} tests fail.`, places);
}

function shown(value: JsonValue): string {
  const text = value === null ? 'nothing' : JSON.stringify(value);
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN)}…`;
}
