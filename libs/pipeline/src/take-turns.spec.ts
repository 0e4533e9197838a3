import { FenceLost } from './ports/store.js';
import { takeTurns } from './take-turns.js';

/** Jobs that are due once each, and again when they are given back. */
function jobs(names: string[], fail: Record<string, Error> = {}, maxTurns = 10) {
  const due = [...names];
  const had: string[] = [];
  const back: string[] = [];
  const run = takeTurns<string>({
    claim: () => Promise.resolve(due.shift() ?? null),
    turn: (name) => { had.push(name); return fail[name] === undefined ? Promise.resolve() : Promise.reject(fail[name]); },
    giveBack: (name) => { back.push(name); return Promise.reject(new TypeError('The store is away.')); },
    maxTurns,
  });
  return { run, had, back };
}

describe('turns', () => {
  it('are had by all, whatever becomes of one, and tell of the first that failed', async () => {
    const { run, had, back } = jobs(['a', 'b', 'c', 'd'], { a: new RangeError('a'), c: new TypeError('c') });
    await expect(run).rejects.toThrow(new RangeError('a'));
    expect([had, back]).toEqual([['a', 'b', 'c', 'd'], ['a', 'c']]);
  });

  it('are nobody’s failure where another has taken the job over', async () => {
    const { run, had, back } = jobs(['a', 'b'], { a: new FenceLost('taken') });
    await expect(run).resolves.toBeUndefined();
    expect([had, back]).toEqual([['a', 'b'], []]);
  });

  it('end after so many, and once it is to stop', async () => {
    const { run, had } = jobs(['a', 'b', 'c'], {}, 2);
    await run;
    expect(had).toEqual(['a', 'b']);
    let turns = 0;
    await takeTurns({ claim: () => Promise.resolve('again'), turn: () => { turns += 1; return Promise.resolve(); }, maxTurns: 10, isStopped: () => turns === 3 });
    expect(turns).toBe(3);
  });
});
