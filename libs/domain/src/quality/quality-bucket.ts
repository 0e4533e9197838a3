/** Counts are kept in steps of so many minutes; windows are multiples of it. */
export const WINDOW_STEP_MINUTES = 5;
const MINUTE_MS = 60_000;
const STEP_MS = WINDOW_STEP_MINUTES * MINUTE_MS;
export const HOUR_MS = 3_600_000;

/** What was counted for one expectation and source within five minutes of receipt. */
export interface QualityBucket {
  /** The start of the five minutes, epoch ms. */
  at: number;
  /** Events that the rule speaks of. */
  checked: number;
  failed: number;
  /** Type of the value → events; of rules on types alone. */
  types?: Readonly<Record<string, number>>;
}

/** The start of the five minutes that a time lies in; epoch ms. */
export function stepOf(at: number): number {
  return Math.floor(at / STEP_MS) * STEP_MS;
}

/** The start of the hour (UTC) that a time lies in; epoch ms. */
export function hourOf(at: number): number {
  return Math.floor(at / HOUR_MS) * HOUR_MS;
}

/**
 * Adds up counts of the same steps. It commutes, so that the sum does not depend on which batches came together.
 *
 * @example addBuckets([{ at: 0, checked: 1, failed: 0 }], [{ at: 0, checked: 2, failed: 1 }]) // [{ at: 0, checked: 3, failed: 1 }]
 */
export function addBuckets(one: readonly QualityBucket[], other: readonly QualityBucket[]): QualityBucket[] {
  const sums = new Map<number, QualityBucket>();
  for (const bucket of [...one, ...other]) {
    const known = sums.get(bucket.at);
    sums.set(bucket.at, known === undefined ? bucket : addTwo(known, bucket));
  }
  return [...sums.values()].sort((a, b) => a.at - b.at);
}

/** What all of them make together, from a time on and before another. */
export function sumBuckets(buckets: readonly QualityBucket[], from: number, to: number): QualityBucket {
  return buckets.filter(({ at }) => at >= from && at < to).reduce(addTwo, { at: from, checked: 0, failed: 0 });
}

function addTwo(one: QualityBucket, other: QualityBucket): QualityBucket {
  const sum = { at: one.at, checked: one.checked + other.checked, failed: one.failed + other.failed };
  if (one.types === undefined && other.types === undefined) return sum;
  const types: Record<string, number> = { ...one.types };
  for (const [type, count] of Object.entries(other.types ?? {})) types[type] = (types[type] ?? 0) + count;
  return { ...sum, types };
}
