import type { Lane } from '../ports/doorbell.js';
import type { RateLimit, RateLimits, TokenGrant } from '../ports/rate-limits.js';

/** Past so many the bucket that was used least recently is forgotten. */
const MAX_BUCKETS = 10_000;

/** Token buckets of one process. What others grant can be {@link spend spent} here too, so that it can go on alone from there. */
export interface LocalRateLimits extends RateLimits {
  spend(lane: Lane, limit: RateLimit, tokens: number): void;
}

/**
 * Token buckets in memory: the twin of the shared ones, and what they fall back to.
 *
 * @param now in ms, never going back
 * @example const { granted, waitMs } = await localRateLimits().take(lane, { perSecond: 10, burst: 20 }, 5);
 */
export function localRateLimits(now: () => number = () => performance.now()): LocalRateLimits {
  const buckets = new Map<string, { tokens: number; at: number }>();

  function add(lane: Lane, { perSecond, burst }: RateLimit, tokens: number): { tokens: number } {
    const key = `${lane.workspaceId}|${lane.connectionId}`;
    const at = now();
    const former = buckets.get(key);
    const refilled = former === undefined ? burst : former.tokens + ((at - former.at) * perSecond) / 1_000;
    const bucket = { tokens: Math.min(burst, Math.min(burst, refilled) + tokens), at };
    buckets.delete(key);
    buckets.set(key, bucket);
    const [oldest] = buckets.keys();
    if (buckets.size > MAX_BUCKETS && oldest !== undefined) buckets.delete(oldest);
    return bucket;
  }

  function take(lane: Lane, limit: RateLimit, wanted: number): TokenGrant {
    const bucket = add(lane, limit, 0);
    const granted = Math.max(0, Math.min(wanted, Math.floor(bucket.tokens)));
    bucket.tokens -= granted;
    return { granted, waitMs: granted === wanted ? 0 : Math.ceil(((1 - bucket.tokens) * 1_000) / limit.perSecond) };
  }

  return {
    take: (lane, limit, wanted) => Promise.resolve(take(lane, limit, wanted)),
    giveBack: (lane, limit, tokens) => Promise.resolve(void add(lane, limit, tokens)),
    spend: (lane, limit, tokens) => void add(lane, limit, -tokens),
  };
}
