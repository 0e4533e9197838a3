import { FirsthandError } from '@firsthand/domain';

export interface EventLimiter {
  /** Throws FirsthandError RATE_LIMITED, with when to come back, while the key has sent more than it may. */
  take(writeKeyHash: string, events: number): void;
}

interface Bucket {
  tokens: number;
  filledAt: number;
}

/** A campaign's first minute is no attack. */
const BURST_SECONDS = 10;

/**
 * A token bucket per write key, in this process: `perSecond` events in the long run, ten seconds' worth at once. A request that finds a token is
 * taken whole and the rest is owed, so that a batch of any size gets through. There are no more buckets than write keys.
 *
 * @param options.perSecond 0 is no limit; options.now gives milliseconds of a clock that only goes forward
 * @example createEventLimiter({ perSecond: 2_000 }).take(hash, batch.length)
 */
export function createEventLimiter({ perSecond, now = () => performance.now() }: { perSecond: number; now?: () => number }): EventLimiter {
  if (perSecond === 0) return { take: () => undefined };
  const most = perSecond * BURST_SECONDS;
  const buckets = new Map<string, Bucket>();
  return {
    take(writeKeyHash, events) {
      const at = now();
      let bucket = buckets.get(writeKeyHash);
      if (bucket === undefined) buckets.set(writeKeyHash, (bucket = { tokens: most, filledAt: at }));
      bucket.tokens = Math.min(most, bucket.tokens + ((at - bucket.filledAt) / 1_000) * perSecond);
      bucket.filledAt = at;
      if (bucket.tokens < 1) throw new FirsthandError('RATE_LIMITED', 'This write key sends more events than it may.', [], { retryAfterSeconds: Math.ceil((1 - bucket.tokens) / perSecond) });
      // An empty batch is a request as well.
      bucket.tokens -= Math.max(1, events);
    },
  };
}
