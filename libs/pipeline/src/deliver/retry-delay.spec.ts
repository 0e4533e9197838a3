import fc from 'fast-check';
import { retryDelayMs } from './retry-delay.js';

const HOUR_MS = 3_600_000;

describe('retryDelayMs', () => {
  it('lies anywhere from 0 to a ceiling that doubles from 1 s up to 1 h', () => {
    fc.assert(fc.property(fc.nat(2_000), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (attempt, random) => {
      const delay = retryDelayMs(attempt, undefined, random);
      const ceiling = Math.min(HOUR_MS, 1_000 * 2 ** attempt);
      return Number.isInteger(delay) && delay >= 0 && delay < ceiling && Math.abs(delay - random * ceiling) < 1;
    }));
    expect([0, 3, 11, 12, 1_000].map((attempt) => retryDelayMs(attempt, undefined, 0.5))).toEqual([500, 4_000, 1_024_000, HOUR_MS / 2, HOUR_MS / 2]);
  });

  it.each([[5_000, 5_000], [24 * HOUR_MS, 24 * HOUR_MS], [24 * HOUR_MS + 1, 24 * HOUR_MS], [Infinity, 24 * HOUR_MS]])('waits as long as the destination asks, %p ms, within a day', (asked, expected) => {
    expect(retryDelayMs(0, asked, 0.5)).toBe(expected);
    expect(retryDelayMs(30, asked, 0)).toBe(expected);
  });

  it.each([0, -1, 400, NaN])('never shorter than without it: it asks for %p ms', (asked) => {
    expect([0, 3, 30].map((attempt) => retryDelayMs(attempt, asked, 0.5))).toEqual([500, 4_000, HOUR_MS / 2]);
  });
});
