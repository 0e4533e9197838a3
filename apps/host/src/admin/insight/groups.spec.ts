import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { memoryGroupNumbers } from '../../../../../test/support/memory-group-numbers.js';
import { COUNT_EXAMPLE } from '../segments/preview-bodies.js';
import { previewInGroups } from '../segments/preview-in-groups.js';
import { groupsOf, type GroupOptions, type Groups } from './groups.js';

const DAY_MS = 86_400_000;
const NOON = Date.UTC(2026, 10, 24, 12);
/** Noise by a secret of the test's own, so that it ends alike each time. */
const groupsWith = (given: Partial<GroupOptions> = {}): Groups => groupsOf({ workspaceId: 'w', smallest: 50, mostNumbers: 1e9, numbers: memoryGroupNumbers(), secret: Buffer.alloc(32, 7), now: NOON, ...given });
const ask = async (groups: Groups, question: string, count: number): Promise<number> => ((await groups.shaped([{ question, count }])).map(groups.told))[0] ?? -1;

describe('what is told', () => {
  it('is never of fewer than the smallest group, always of three times that, and a multiple of it close by', async () => {
    await fc.assert(fc.asyncProperty(fc.integer({ min: 2, max: 200 }), fc.integer({ min: 0, max: 5_000 }), fc.string(), async (smallest, count, question) => {
      const told = await ask(groupsWith({ smallest, secret: randomBytes(32) }), question, count);
      expect(told % smallest).toBe(0);
      if (count < smallest) expect(told).toBe(0);
      if (count >= 3 * smallest) expect(told).toBeGreaterThan(0);
      if (told > 0) expect(Math.abs(told - count)).toBeLessThan(2 * smallest);
    }), { numRuns: 2_000 });
  });

  it('stands all day, whoever comes and goes and whichever process is asked, and is another one tomorrow', async () => {
    const numbers = memoryGroupNumbers();
    const told = async (now: number, count: number): Promise<number[]> => Promise.all(Array.from({ length: 40 }, (_, n) => ask(groupsWith({ numbers, now }), `q${n}`, count + 7 * n)));
    const morning = await told(NOON, 300);
    expect(await told(NOON + DAY_MS / 4, 301)).toEqual(morning);
    expect(await told(NOON + DAY_MS, 300)).not.toEqual(morning);
  });

  it('has noise that is the question’s, the workspace’s and the host’s own', async () => {
    const of = (given: Partial<GroupOptions>) => Promise.all(Array.from({ length: 40 }, (_, n) => ask(groupsWith(given), `q${n}`, 300 + 7 * n)));
    const all = [await of({}), await of({ workspaceId: 'v' }), await of({ secret: Buffer.alloc(32, 8) })].map((told) => told.join());
    expect(new Set(all).size).toBe(3);
  });

  it('has a limit: 30 days later there are as many again', async () => {
    const numbers = memoryGroupNumbers();
    const on = (day: number): Groups => groupsWith({ numbers, mostNumbers: 3, now: NOON + day * DAY_MS });
    const asked = (...names: string[]) => names.map((question) => ({ question, count: 500 }));
    await on(0).shaped(asked('a', 'b'));
    await expect(on(10).shaped(asked('c', 'd'))).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfterSeconds: 19.5 * 86_400 });
    // What was told is told again, what nobody shaped is told, and one more there is.
    expect(await on(0).shaped(asked('b'))).toHaveLength(1);
    expect(await on(10).fixed(asked('a', 'b', 'c', 'd'))).toHaveLength(4);
    await on(10).shaped(asked('c', 'c'));
    await expect(on(29).shaped(asked('d'))).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    expect(await on(30).shaped(asked('d', 'e'))).toHaveLength(2);
  });
});

describe('two groups that differ by one person at most', () => {
  /** `age > 30 and X and …` less `age > 31 and X and …`, with as many paddings as there are pairs: what is told of them. */
  const differences = async (groups: Groups, pairs: number, isCounted: boolean): Promise<number[]> => {
    const asked = Array.from({ length: pairs }, (_, pair) => ({ pair, others: 200 + ((pair * 7_919) % 1_000) }));
    const [over30, over31] = [
      await groups.shaped(asked.map(({ pair, others }) => ({ question: `over 30, padding ${pair}`, count: others + (isCounted ? 1 : 0) }))),
      await groups.shaped(asked.map(({ pair, others }) => ({ question: `over 31, padding ${pair}`, count: others }))),
    ].map((numbers) => numbers.map(groups.told));
    return asked.map((_, index) => (over30?.[index] ?? 0) - (over31?.[index] ?? 0));
  };

  it('are told to differ as often without that person as with them', async () => {
    const shares = async (isCounted: boolean, filling: number): Promise<Map<number, number>> => {
      const found = new Map<number, number>();
      for (const difference of await differences(groupsWith({ secret: Buffer.alloc(32, filling) }), 5_000, isCounted)) found.set(difference, (found.get(difference) ?? 0) + 1 / 5_000);
      return found;
    };
    const [without, withThem] = [await shares(false, 1), await shares(true, 2)];
    // By a set's own noise (the cell key method) or by none, no two answers would differ here.
    expect(1 - (without.get(0) ?? 0)).toBeGreaterThan(0.25);
    const apart = [...new Set([...without.keys(), ...withThem.keys()])].reduce((sum, key) => sum + Math.abs((without.get(key) ?? 0) - (withThem.get(key) ?? 0)), 0) / 2;
    expect(apart).toBeLessThan(0.04);
  });

  it('leave whoever asks as much as they may with a guess', async () => {
    let right = 0;
    const victims = 400;
    for (let victim = 0; victim < victims; victim += 1) {
      const isCounted = victim % 2 === 0;
      const found = await differences(groupsWith({ workspaceId: `w${victim}` }), 250, isCounted);
      const mean = found.reduce((sum, one) => sum + one, 0) / found.length;
      if (mean > 0.5 === isCounted) right += 1;
    }
    // Φ(√500 / 50) = 67 % at the very best, when all else is as the asker thinks; and it is no rule that never wins.
    expect(right / victims).toBeGreaterThan(0.5);
    expect(right / victims).toBeLessThan(0.72);
  });

  it('have a history that tells no more, and the same each time', () => {
    const told = (count: number, secret: Buffer): number[] => Array.from({ length: 60 }, (_, day) => groupsWith({ secret }).lasting({ question: ['history', day], count: count + 11 * day }));
    expect(told(300, Buffer.alloc(32, 1))).toEqual(told(300, Buffer.alloc(32, 1)));
    expect(told(300, Buffer.alloc(32, 1))).not.toEqual(told(300, Buffer.alloc(32, 2)));
  });
});

it('shows of a preview no person, no overlap, and what is told of a sample as uncertain as it is', () => {
  const shown = previewInGroups({ ...COUNT_EXAMPLE, matching: 150, members: 100, waterfall: [{ path: '/all/0', remaining: 400 }, { path: '/purpose', remaining: 0 }], change: { entering: 0, leaving: 200, enteringSample: [], leavingSample: [] } }, { smallest: 50, least: 100 });
  expect(shown).toMatchObject({
    population: 1_000, matching: 150, members: 100, isExact: false, margin: { matching: 100, members: 100 }, sample: [], overlap: [], change: { entering: 'fewer than 100', leaving: 200 },
    waterfall: [{ path: '/all/0', remaining: 400 }, { path: '/purpose', remaining: 'fewer than 100' }],
  });
  const raised = previewInGroups({ ...COUNT_EXAMPLE, population: 40_000, evaluated: 4_000, isExact: true, matching: 150, waterfall: [{ path: '', remaining: 0 }], change: null }, { smallest: 50, least: 100 });
  expect(raised).toMatchObject({ matching: 150, evaluated: 4_000, waterfall: [{ path: '', remaining: 'fewer than 1000' }], margin: { matching: 100 }, change: null });
});
