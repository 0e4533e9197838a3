import type { Lane } from './doorbell.js';

/** Requests per second on average, and how many may go at once after a quiet time. */
export interface RateLimit {
  perSecond: number;
  burst: number;
}

/** What a bucket gave: tokens, and when it will have another one. */
export interface TokenGrant {
  granted: number;
  /** 0 when all that was wanted was granted. */
  waitMs: number;
}

/** Token buckets, one per destination connection, shared by all processes. Never throws, and never grants more than a limit allows. */
export interface RateLimits {
  /** Takes up to `wanted` tokens, whole ones. */
  take(lane: Lane, limit: RateLimit, wanted: number): Promise<TokenGrant>;
  /** Puts back what was not used. */
  giveBack(lane: Lane, limit: RateLimit, tokens: number): Promise<void>;
}
