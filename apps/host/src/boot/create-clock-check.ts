import { FirsthandError } from '@firsthand/domain';

/** As much as a decision on consent may be old. */
const MAX_OFFSET_MS = 1_000;

export interface ClockCheckOptions {
  /** The primary's clock, in milliseconds since the epoch. */
  serverTime(): Promise<number>;
  /** Takes each figure: positive where this machine's clock is behind. */
  observe(offsetMs: number): void;
  /** This machine's clock. */
  now?: () => number;
}

/**
 * Compares this machine's clock with MongoDB's, which all processes share. Records of consent are ordered by the clocks of who wrote them, and leases end by them: from a clock that is
 * ahead, a yes would outlast the no that follows it on another process. What the way there and back may account for (RFC 5905, §8: half of it) is not held against a clock.
 *
 * @throws FirsthandError `CLOCK_OUT_OF_STEP` where they are more than a second apart for certain; what `serverTime` throws
 * @example const assertInStep = createClockCheck({ serverTime: connected.serverTime, observe }); await assertInStep();
 */
export function createClockCheck({ serverTime, observe, now = Date.now }: ClockCheckOptions): () => Promise<void> {
  return async () => {
    const askedAt = now();
    const theirs = await serverTime();
    const heardAt = now();
    const offsetMs = theirs - (askedAt + heardAt) / 2;
    observe(offsetMs);
    if (Math.abs(offsetMs) - Math.abs(heardAt - askedAt) / 2 <= MAX_OFFSET_MS) return;
    throw new FirsthandError('CLOCK_OUT_OF_STEP', `This machine's clock is ${(Math.abs(offsetMs) / 1_000).toFixed(1)} s ${offsetMs > 0 ? 'behind' : 'ahead of'} MongoDB's.`);
  };
}
