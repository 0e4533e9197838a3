import { Breaker } from './breaker.js';

/** A breaker after these results, one a second, `x` a failure. */
function after(results: string, start = 0): { breaker: Breaker; now: number } {
  const breaker = new Breaker();
  let now = start;
  for (const result of results) {
    breaker.begin(now);
    breaker.note(result === 'x', now);
    now += 1_000;
  }
  return { breaker, now };
}

describe('Breaker', () => {
  it.each([
    ['xxxxxxxxx', 'closed'], ['xxxxxxxxxx', 'open'], ['...xxxxxxx', 'open'], ['....xxxxxx', 'closed'], ['xxxxxx....', 'closed'], ['......xxxxxxxxxxxxx', 'closed'], ['......xxxxxxxxxxxxxx', 'open'],
  ])('after %s is %s: 70 %% of at least ten', (results, state) => {
    const { breaker, now } = after(results);
    expect(breaker.state(now)).toBe(state);
  });

  it('lets nothing through while open, then one, whose success closes it', () => {
    const { breaker } = after('xxxxxxxxxx');
    const { openUntil } = breaker.stored ?? { openUntil: 0 };
    expect(openUntil).toBe(9_000 + 10_000);
    expect([breaker.admits(openUntil - 1), breaker.begin(openUntil - 1)]).toEqual([0, false]);
    expect([breaker.state(openUntil), breaker.admits(openUntil)]).toEqual(['half-open', 1]);
    expect([breaker.begin(openUntil), breaker.begin(openUntil)]).toEqual([true, false]);
    breaker.note(false, openUntil + 50);
    expect([breaker.state(openUntil + 50), breaker.admits(openUntil + 50), breaker.stored]).toEqual(['closed', Infinity, null]);
  });

  it('opens for twice as long at each failed trial, a minute at most', () => {
    const { breaker } = after('xxxxxxxxxx');
    const spans = Array.from({ length: 7 }, () => {
      const now = breaker.stored?.openUntil ?? 0;
      breaker.begin(now);
      breaker.note(true, now);
      return (breaker.stored?.openUntil ?? 0) - now;
    });
    expect(spans).toEqual([20_000, 40_000, 60_000, 60_000, 60_000, 60_000, 60_000]);
  });

  it('is not told by what comes late, and lets another through when a trial told nothing', () => {
    const { breaker, now } = after('xxxxxxxxxx');
    breaker.note(false, now);
    expect(breaker.state(now)).toBe('open');
    const { openUntil } = breaker.stored ?? { openUntil: 0 };
    breaker.begin(openUntil);
    breaker.letGo();
    expect(breaker.admits(openUntil)).toBe(1);
  });

  it('forgets what is older than five minutes', () => {
    const { breaker, now } = after('xxxxxxxxx');
    breaker.note(true, now + 5 * 60_000);
    expect(breaker.state(now + 5 * 60_000)).toBe('closed');
  });
});
