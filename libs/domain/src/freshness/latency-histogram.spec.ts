import fc from 'fast-check';
import { addLatency, mergeLatencies, newLatencyHistogram, quantileOf, type LatencyHistogram } from './latency-histogram.js';

const of = (times: readonly number[]): LatencyHistogram => {
  const histogram = newLatencyHistogram();
  for (const ms of times) addLatency(histogram, ms);
  return histogram;
};
const SHARES = [0, 0.5, 0.95, 0.99, 1];
/** From no time to a month, as often short as long. */
const times = fc.array(fc.oneof(fc.nat(50), fc.nat(5_000), fc.nat(31 * 86_400_000)), { minLength: 1, maxLength: 300 });

describe('a histogram of latencies', () => {
  it('gives every percentile within 5 %, whatever was counted', () => {
    fc.assert(fc.property(times, (all) => {
      const sorted = [...all].sort((one, other) => one - other);
      for (const share of SHARES) {
        const exact = sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1] as number;
        expect(Math.abs((quantileOf(of(all), share) ?? NaN) - exact)).toBeLessThanOrEqual(exact * 0.05);
      }
      expect(of(all)).toMatchObject({ count: all.length, maxMs: sorted.at(-1) });
    }));
  });

  it('comes to the same however it was counted in parts', () => {
    fc.assert(fc.property(times, fc.array(fc.nat(3), { minLength: 300, maxLength: 300 }), (all, at) => {
      const parts = [0, 1, 2, 3].map((part) => of(all.filter((_, index) => at[index] === part)));
      expect(mergeLatencies(parts)).toEqual(of(all));
      expect(mergeLatencies([mergeLatencies(parts.slice(2)), ...parts.slice(0, 2).reverse()])).toEqual(of(all));
    }));
  });

  it('takes what ended before it began for no time, and says how much of it there was', () => {
    const histogram = of([-5_000, -1, 0, 100]);
    expect([histogram.negative, quantileOf(histogram, 0.5), histogram.count]).toEqual([2, 0, 4]);
  });

  it('says nothing of nothing', () => expect([quantileOf(newLatencyHistogram(), 0.5), mergeLatencies([])]).toEqual([null, newLatencyHistogram()]));
});
