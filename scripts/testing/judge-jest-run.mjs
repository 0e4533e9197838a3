/**
 * The counts in Jest's own result file (`--json --outputFile`).
 * @typedef {{ numPassedTests: number, numFailedTests: number, numRuntimeErrorTestSuites: number, numPendingTests: number, numTodoTests: number }} JestResult
 */

/**
 * @param {{ runs: { exitCode: number, result?: JestResult }[], isFiltered: boolean }} all
 *   result: undefined when Jest ended without one; isFiltered: a name pattern was given, which makes Jest count all other tests as pending
 * @returns {{ exitCode: number, countLine: string, notes: string[] }} the counts of all runs together; notes explain a failure that the counts do not show
 */
export function judgeJestRuns({ runs, isFiltered }) {
  const judged = runs.map((run) => judgeJestRun({ ...run, isFiltered }));
  const sum = (name) => judged.reduce((total, run) => total + run[name], 0);
  return { exitCode: judged.find(({ exitCode }) => exitCode !== 0)?.exitCode ?? 0, countLine: countLine(sum('passed'), sum('failed')), notes: judged.flatMap(({ notes }) => notes) };
}

function judgeJestRun({ exitCode, result, isFiltered }) {
  if (!result) return { exitCode: exitCode || 1, passed: 0, failed: 1, notes: ['jest ended without a result'] };
  const notes = [];
  const skipped = isFiltered ? 0 : result.numPendingTests + result.numTodoTests;
  if (skipped > 0) notes.push(`${skipped} skipped or todo, counted as failed: make them pass or remove them`);
  let failed = result.numFailedTests + result.numRuntimeErrorTestSuites + skipped;
  if (exitCode !== 0 && failed === 0) {
    notes.push(`jest ended with code ${exitCode} although no test failed; its own message is above`);
    failed = 1;
  }
  return { exitCode: failed === 0 ? 0 : exitCode || 1, passed: result.numPassedTests, failed, notes };
}

/** The last line of a test run, the same whatever happened. */
export function countLine(passed, failed) {
  return `${passed} passed, ${failed} failed`;
}

/** @param {string[]} jestArgs */
export function hasNamePattern(jestArgs) {
  return jestArgs.some((arg) => arg === '-t' || arg.startsWith('--testNamePattern') || (arg.startsWith('-t') && !arg.startsWith('--')));
}
