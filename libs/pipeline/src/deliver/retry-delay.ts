const BASE_MS = 1_000;
const CAP_MS = 60 * 60_000;
const DAY_MS = 24 * 60 * 60_000;
/** How long a delivery is retried, from its creation or its last replay on. */
export const RETRY_HORIZON_MS = 72 * 60 * 60_000;

/**
 * When to try again: full jitter over an exponential ceiling (1 s doubling to 1 h), or later where the destination asks for it, at most a day. What it asks for is
 * the least (RFC 9110 section 10.2.3): a vendor that goes on asking for no wait, or a short one, is tried less and less often like any that fails.
 * Source: "Exponential Backoff and Jitter", AWS Architecture Blog, 2015.
 *
 * @param random in [0, 1)
 * @example retryDelayMs(3, undefined, Math.random()) // 0 to 8,000
 */
export function retryDelayMs(attempt: number, retryAfterMs: number | undefined, random: number): number {
  const ownMs = Math.floor(random * Math.min(CAP_MS, BASE_MS * 2 ** attempt));
  return retryAfterMs !== undefined && retryAfterMs > ownMs ? Math.min(retryAfterMs, DAY_MS) : ownMs;
}
