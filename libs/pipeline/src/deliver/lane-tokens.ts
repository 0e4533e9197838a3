import { RetryableError, type HttpClient } from '@firsthand/plugin-sdk';
import type { Lane } from '../ports/doorbell.js';
import type { RateLimit, RateLimits } from '../ports/rate-limits.js';

/** A wait is cut into pieces: a run that has to end does not sleep through it. */
const MAX_WAIT_MS = 1_000;

/** The tokens of one run of a lane: taken before rows are decided, used by the requests, and given back at its end. */
export class LaneTokens {
  private left = 0;
  /** When there will be another one; 0 while nothing was refused. */
  waitMs = 0;

  constructor(private readonly limits: RateLimits, private readonly lane: Lane) {}

  /** How many of the wanted requests may be decided. */
  async reserve(limit: RateLimit, wanted: number): Promise<number> {
    const missing = wanted - this.left;
    const { granted, waitMs } = missing > 0 ? await this.limits.take(this.lane, limit, missing) : { granted: 0, waitMs: 0 };
    this.left += granted;
    this.waitMs = Math.min(waitMs, MAX_WAIT_MS);
    return Math.min(wanted, this.left);
  }

  /** Whether a request may begin; without a limit it may. */
  use(limit: RateLimit | null): boolean {
    if (limit === null) return true;
    if (this.left < 1) return false;
    this.left -= 1;
    return true;
  }

  async giveBack(limit: RateLimit | null | undefined): Promise<void> {
    if (limit == null || this.left === 0) return;
    const tokens = this.left;
    this.left = 0;
    await this.limits.giveBack(this.lane, limit, tokens);
  }
}

/** A client whose first request is paid for; each further one of the call waits for a token of its own. Throws RetryableError when the call ends before. */
export function paying(http: HttpClient, limits: RateLimits, lane: Lane, limit: RateLimit): HttpClient {
  let isPaid = true;
  return {
    async request(request, options) {
      for (let hasToken = isPaid; !hasToken; ) {
        const { granted, waitMs } = await limits.take(lane, limit, 1);
        hasToken = granted > 0;
        if (hasToken) break;
        await new Promise((resolve) => { setTimeout(resolve, Math.min(waitMs, MAX_WAIT_MS)); });
        if (options?.signal?.aborted === true) throw new RetryableError('The call ended before its rate limit let it go on.');
      }
      isPaid = false;
      return http.request(request, options);
    },
  };
}
