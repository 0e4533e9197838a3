import { randomUUID } from 'node:crypto';
import { IdDensity } from './id-density.js';

const PEOPLE = 50_000;
const ids = Array.from({ length: PEOPLE }, () => randomUUID() as string).sort();

/** Of the first id behind another one. */
function placeAfter(from: string): number {
  let [low, high] = [0, ids.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ids[middle] as string) > from) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** As a store answers: the next so many ids after a place. */
function sample(runs: number, limit: number): IdDensity {
  const density = new IdDensity();
  for (let run = 0; run < runs; run += 1) {
    const from = randomUUID();
    const first = placeAfter(from);
    const found = ids.slice(first, first + limit);
    density.addRun({ from, ids: found, isLast: found.length < limit });
  }
  return density;
}

describe('IdDensity', () => {
  it('comes as close as it says: no one in hundreds of samples is three margins off, and one in twenty is a margin off', () => {
    const samples = Array.from({ length: 300 }, () => sample(10, 50).size() ?? { population: 0, margin: 1 });
    const off = samples.map(({ population, margin }) => Math.abs(population - PEOPLE) / margin);
    expect(Math.max(...off)).toBeLessThan(3);
    // 95 in 100 are within; fewer than 85 of 300 samples would be once in 10^13.
    expect(off.filter((margins) => margins <= 1).length).toBeGreaterThan(300 * 0.85);
    expect(samples[0]?.margin).toBeLessThan(PEOPLE * 0.15);
  });

  it('says nothing of ids that are not random, or of too few', () => {
    const density = sample(10, 50);
    density.addRun({ from: randomUUID(), ids: ['p-1'], isLast: false });
    expect(density.size()).toBeNull();
    expect(new IdDensity().size()).toBeNull();
    expect(sample(1, 50).size()).toBeNull();
  });
});
