import { untilSomethingEnds } from './until-something-ends.mjs';

interface End { code: number | null; signal: string | null }

function watch({ host, isReady }: { host: End; isReady: boolean }) {
  const lines: string[] = [];
  const servers = [{ name: 'MongoDB', exited: new Promise<End>(() => undefined) }];
  const { ended, endedSignal } = untilSomethingEnds({
    host: { exited: Promise.resolve(host) }, servers, signal: new AbortController().signal, log: (line: string) => void lines.push(line), isReady: () => isReady,
  } as unknown as Parameters<typeof untilSomethingEnds>[0]);
  return ended.then((exitCode: number) => ({ exitCode, lines, isOver: endedSignal.aborted }));
}

describe('untilSomethingEnds', () => {
  it('adds nothing to what a host has said that cannot start', async () => {
    await expect(watch({ host: { code: 1, signal: null }, isReady: false })).resolves.toEqual({ exitCode: 1, lines: [], isOver: true });
  });

  it('tells when a host ends that was ready', async () => {
    await expect(watch({ host: { code: 3, signal: null }, isReady: true })).resolves.toMatchObject({ exitCode: 3, lines: [expect.stringContaining('(code 3)')] });
  });

  it('tells when a host was killed', async () => {
    await expect(watch({ host: { code: null, signal: 'SIGKILL' }, isReady: false })).resolves.toMatchObject({ exitCode: 1, lines: [expect.stringContaining('SIGKILL')] });
  });
});
