import { hasNamePattern, judgeJestRun } from './judge-jest-run.mjs';

const result = { numPassedTests: 10, numFailedTests: 0, numRuntimeErrorTestSuites: 0, numPendingTests: 0, numTodoTests: 0 };
const judge = (changes: Partial<typeof result>, exitCode = 0, isFiltered = false) => judgeJestRun({ exitCode, isFiltered, result: { ...result, ...changes } });

describe('judgeJestRun', () => {
  it('passes when all tests passed', () => {
    expect(judge({})).toEqual({ exitCode: 0, countLine: '10 passed, 0 failed', notes: [] });
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
    expect(judgeJestRun({ exitCode: 0, result: undefined, isFiltered: false })).toMatchObject({ exitCode: 1, countLine: '0 passed, 1 failed' });
  });
});

describe('hasNamePattern', () => {
  it.each([[['-t', 'x'], true], [['-tx'], true], [['--testNamePattern=x'], true], [['libs/domain', '--testTimeout=1'], false]])('%j: %s', (args, has) => {
    expect(hasNamePattern(args)).toBe(has);
  });
});
