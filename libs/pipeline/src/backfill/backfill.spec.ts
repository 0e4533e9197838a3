import type { ActivityKey } from '@firsthand/domain';
import { afterPass, isRecounting, newBackfill, type Backfill } from './backfill.js';

const COUNTER: ActivityKey = { key: 'Order Completed#abc', name: 'Order Completed', where: [{ path: 'properties.sku', op: 'eq', value: 'shirt' }] };

/** Runs passes, each as soon as it is due but not before `from`, of `lastsMs`. */
function passes(backfill: Backfill, { from = 0, lastsMs = 0 } = {}): { startedAt: number; recounts: boolean; isFilled: boolean }[] {
  const done = [];
  let now = from;
  for (let next: Backfill | null = backfill; next !== null;) {
    const startedAt = Math.max(now, next.dueAt);
    done.push({ startedAt, recounts: isRecounting(next, startedAt), isFilled: next.isFilled });
    now = startedAt + lastsMs;
    next = afterPass(next, startedAt, now);
  }
  return done;
}

it('evaluates at once, when every process has the configuration, and when every straggler has ended', () => {
  expect(passes(newBackfill([], 0))).toEqual([0, 2_500, 90_000].map((startedAt) => ({ startedAt, recounts: false, isFilled: true })));
});

it('fills counters first, and counts anew what stragglers have missed', () => {
  expect(passes(newBackfill([COUNTER], 0))).toEqual([
    { startedAt: 2_500, recounts: true, isFilled: false },
    { startedAt: 3_500, recounts: false, isFilled: true },
    { startedAt: 5_000, recounts: false, isFilled: true },
    { startedAt: 92_500, recounts: true, isFilled: true },
  ]);
});

it('spares passes that a late or long one has made good', () => {
  expect(passes(newBackfill([], 0), { from: 200_000 }).length).toBe(1);
  expect(passes(newBackfill([], 0), { lastsMs: 5_000 }).map(({ startedAt }) => startedAt)).toEqual([0, 5_000, 90_000]);
  expect(passes(newBackfill([COUNTER], 0), { from: 200_000, lastsMs: 100_000 }).map(({ startedAt, recounts }) => [startedAt, recounts])).toEqual([[200_000, true], [301_000, false], [401_000, true]]);
});

it('begins each pass with nobody visited', () => {
  expect(afterPass({ ...newBackfill([], 0), cursor: 'p9', startedAt: 0 }, 0, 10)).toMatchObject({ cursor: null, startedAt: null });
});
