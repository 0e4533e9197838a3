import { hasNamePattern, judgeJestRuns } from './judge-jest-run.mjs';

const result = { numPassedTests: 10, numFailedTests: 0, numRuntimeErrorTestSuites: 0, numPendingTests: 0, numTodoTests: 0 };
const judge = (changes: Partial<typeof result>, exitCode = 0, isFiltered = false) => judgeJestRuns({ isFiltered, runs: [{ exitCode, result: { ...result, ...changes } }] });

describe('judgeJestRuns', () => {
  it('passes when all tests passed', () => {
    expect(judge({})).toEqual({ exitCode: 0, countLine: '10 passed, 0 failed', notes: [] });
  });

  it('counts all runs together, and fails with one of them', () => {
    const failing = { exitCode: 1, result: { ...result, numFailedTests: 2 } };
    expect(judgeJestRuns({ isFiltered: false, runs: [failing, { exitCode: 0, result }] })).toMatchObject({ exitCode: 1, countLine: '20 passed, 2 failed' });
    expect(judgeJestRuns({ isFiltered: false, runs: [{ exitCode: 0, result }, { exitCode: 0, result }] })).toMatchObject({ exitCode: 0, countLine: '20 passed, 0 failed' });
  });

  it('counts a spec that could not run as one failure', () => {
    expect(judge({ numFailedTests: 2, numRuntimeErrorTestSuites: 1 }, 1)).toMatchObject({ exitCode: 1, countLine: '10 passed, 3 failed' });
  });

  it('fails a run with skipped or todo tests, although Jest does not', () => {
    const verdict = judge({ numPendingTests: 1, numTodoTests: 1 });
    expect(verdict).toMatchObject({ exitCode: 1, countLine: '10 passed, 2 failed' });
    expect(verdict.notes).toEqual([expect.stringContaining('2 skipped or todo')]);
  });

  it('lets a name pattern leave tests out', () => {
    expect(judge({ numPendingTests: 9 }, 0, true).exitCode).toBe(0);
  });

  it('never shows zero failures for a run that failed', () => {
    expect(judge({}, 1)).toMatchObject({ exitCode: 1, countLine: '10 passed, 1 failed' });
    expect(judgeJestRuns({ isFiltered: false, runs: [{ exitCode: 0, result: undefined }] })).toMatchObject({ exitCode: 1, countLine: '0 passed, 1 failed' });
  });
});

describe('hasNamePattern', () => {
  it.each([[['-t', 'x'], true], [['-tx'], true], [['--testNamePattern=x'], true], [['libs/domain', '--testTimeout=1'], false]])('%j: %s', (args, has) => {
    expect(hasNamePattern(args)).toBe(has);
  });
});
