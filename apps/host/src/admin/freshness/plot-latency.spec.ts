import { duration, plotLatency } from './plot-latency.js';

const SPAN = { from: '2026-11-24T08:00:00.000Z', to: '2026-11-24T10:00:00.000Z' };

describe('a plot of latencies', () => {
  it('goes from left to right in time, and up by tenfolds', () => {
    const { dots, p50, scale } = plotLatency([{ at: SPAN.from, p50Ms: 10, p99Ms: 100 }, { at: '2026-11-24T09:00:00.000Z', p50Ms: 10, p99Ms: 1_000 }], SPAN);
    expect([dots.map(({ x, y }) => [x, y]), p50]).toEqual([[['8.0', '60.0'], ['320.0', '8.0']], '8.0,112.0 320.0,112.0']);
    expect([scale.map(({ label }) => label), dots[1]?.title]).toEqual([['10\u00a0ms', '100\u00a0ms', '1\u00a0s'], '2026-11-24T09:00Z: 1\u00a0s']);
  });

  it('is empty without points', () => expect(plotLatency([], SPAN)).toMatchObject({ p50: '', dots: [] }));

  it('writes times as people read them', () => expect([null, 0, 250, 1_350, 90_000, 5_400_000, 2 * 86_400_000].map(duration)).toEqual(['–', '0\u00a0ms', '250\u00a0ms', '1.35\u00a0s', '1.5\u00a0min', '1.5\u00a0h', '2\u00a0d']));
});
