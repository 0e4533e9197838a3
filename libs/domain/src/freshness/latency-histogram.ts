/**
 * How often something took how long, in buckets each a tenth wider than the one before (as DDSketch, Masson et al. 2019, §2): a percentile of it is wrong by less than 5 %, however many
 * of them are added up, in whatever order.
 */
export interface LatencyHistogram {
  count: number;
  maxMs: number;
  /** Of the count: those that ended before they began, by clocks that differ. They count as 0 ms. */
  negative: number;
  /** Bucket → how many. */
  buckets: Record<string, number>;
}

/** A bucket's upper bound by its lower one. The middle of both is off by (growth - 1) / (growth + 1) at most. */
const GROWTH = 1.1;
const LOG_GROWTH = Math.log(GROWTH);
/** Of what took no time; bucket 0 holds what took up to 1 ms. */
const ZERO = -1;

/** @example addLatency(newLatencyHistogram(), 40) */
export function newLatencyHistogram(): LatencyHistogram {
  return { count: 0, maxMs: 0, negative: 0, buckets: {} };
}

/** Counts one more, in place. */
export function addLatency(histogram: LatencyHistogram, ms: number): void {
  const held = Math.max(0, ms);
  const bucket = held === 0 ? ZERO : Math.max(0, Math.ceil(Math.log(held) / LOG_GROWTH));
  histogram.count += 1;
  histogram.maxMs = Math.max(histogram.maxMs, held);
  if (ms < 0) histogram.negative += 1;
  histogram.buckets[bucket] = (histogram.buckets[bucket] ?? 0) + 1;
}

/**
 * One histogram of all that several have counted.
 *
 * @example quantileOf(mergeLatencies(hours), 0.99)
 */
export function mergeLatencies(histograms: Iterable<LatencyHistogram>): LatencyHistogram {
  const sum = newLatencyHistogram();
  for (const { count, maxMs, negative, buckets } of histograms) {
    sum.count += count;
    sum.negative += negative;
    sum.maxMs = Math.max(sum.maxMs, maxMs);
    for (const bucket in buckets) sum.buckets[bucket] = (sum.buckets[bucket] ?? 0) + (buckets[bucket] ?? 0);
  }
  return sum;
}

/**
 * The time that a share of all took at most, in ms (nearest rank), within 5 %; null where nothing was counted.
 *
 * @param share between 0 and 1
 * @example quantileOf(histogram, 0.99)
 */
export function quantileOf({ count, maxMs, buckets }: LatencyHistogram, share: number): number | null {
  if (count === 0) return null;
  const rank = Math.max(1, Math.ceil(share * count));
  let seen = 0;
  for (const bucket of Object.keys(buckets).map(Number).sort((one, other) => one - other)) {
    seen += buckets[bucket] ?? 0;
    if (seen >= rank) return bucket === ZERO ? 0 : Math.min(maxMs, (2 * GROWTH ** bucket) / (GROWTH + 1));
  }
  return maxMs;
}
