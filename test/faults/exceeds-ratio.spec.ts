import { seededRandom } from '../support/seeded-random.mjs';
import { exceedsRatio, provingPairs } from './harness/exceeds-ratio.js';

/** What it takes to say that one thing is slower than another by more than noise. */
const ALPHA = 0.005;
const PAIRS = 15;
/** Of the logarithm of one pair's ratio, as it was on a machine with little else to do: the false alarms do not rest on it. */
const NOISE = 0.28;

it('takes as many pairs as the binomial tail says, and no proof of too few', () => {
  expect([provingPairs(9, 0.02), provingPairs(9, 0.0195), provingPairs(9, 0.002), provingPairs(PAIRS, ALPHA), provingPairs(3, 1)]).toEqual([8, 9, 9, 13, 0]);
  expect(() => provingPairs(5, 0.02)).toThrow(RangeError);
});

it('alarms by chance as rarely as it says where the true ratio is the bound, hardly ever where it is 1, and nearly always where it is well above', () => {
  const random = seededRandom(7);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const alarms = (ratio: number, rounds = 20_000): number => Array.from({ length: rounds }, () => exceedsRatio(Array.from({ length: PAIRS }, () => ratio * Math.exp(NOISE * normal())), 1.2, ALPHA)).filter(Boolean).length / rounds;
  expect(alarms(1.2)).toBeLessThan(0.006);
  expect(alarms(1)).toBeLessThan(0.0005);
  expect(alarms(2)).toBeGreaterThan(0.95);
});
