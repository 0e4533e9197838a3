import { DRAWS, noiseOf } from './group-noise.js';

const STEPS = 200_000;

/** How likely each noise is: draws over the whole range, evenly. */
function likelihoods(smallest: number): Map<number, number> {
  const noise = noiseOf(smallest);
  const found = new Map<number, number>();
  for (let step = 0; step < STEPS; step += 1) {
    const value = noise(Math.floor(((step + 0.5) / STEPS) * DRAWS));
    found.set(value, (found.get(value) ?? 0) + 1 / STEPS);
  }
  return found;
}

it.each([8, 50, 200])('is bounded by the smallest group of %d, 0 in the middle, and a quarter of it wide', (smallest) => {
  const all = [...likelihoods(smallest)];
  const mean = all.reduce((sum, [value, share]) => sum + value * share, 0);
  const variance = all.reduce((sum, [value, share]) => sum + value ** 2 * share, 0);
  expect(Math.max(...all.map(([value]) => Math.abs(value)))).toBeLessThanOrEqual(smallest);
  expect(Math.abs(mean)).toBeLessThan(0.01);
  expect(Math.sqrt(variance) / smallest).toBeCloseTo(0.25, 2);
  expect([noiseOf(smallest)(0), noiseOf(smallest)(DRAWS - 1)]).toEqual([-smallest, smallest]);
});

it('says of one person more or less hardly anything: the likelihoods of a number are as far apart as those of two normal curves', () => {
  const found = likelihoods(50);
  const likelihood = (value: number): number => found.get(value) ?? 0;
  const apart = Array.from({ length: 102 }, (_, index) => Math.abs(likelihood(index - 50) - likelihood(index - 51))).reduce((sum, gap) => sum + gap, 0) / 2;
  // 2 Φ(1 / 25) - 1, of curves that are 1 apart and 12.5 wide.
  expect(apart).toBeCloseTo(0.0319, 3);
});
