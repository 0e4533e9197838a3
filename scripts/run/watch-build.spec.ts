import { isCleanBuild, oneAtATime } from './watch-build.mjs';

describe('watching the build', () => {
  it('knows a clean build from one with errors', () => {
    expect(isCleanBuild('2:13:44 AM - Found 0 errors. Watching for file changes.')).toBe(true);
    expect(isCleanBuild('2:13:50 AM - Found 10 errors. Watching for file changes.')).toBe(false);
  });

  it('makes one restart out of all builds that end during a restart', async () => {
    const gates: (() => void)[] = [];
    let calls = 0;
    const call = oneAtATime(() => { calls += 1; return new Promise<void>((resolve) => gates.push(resolve)); }, (error: unknown) => { throw error; });
    const settled = call();
    void call();
    void call();
    expect(calls).toBe(1);
    gates[0]!();
    await Promise.resolve().then(() => {}).then(() => {});
    expect(calls).toBe(2);
    gates[1]!();
    await settled;
    expect(calls).toBe(2);
  });

  it('hands a failed restart on', async () => {
    const problem = new TypeError('broken');
    const seen: unknown[] = [];
    await oneAtATime(() => Promise.reject(problem), (error: unknown) => seen.push(error))();
    expect(seen).toEqual([problem]);
  });
});
