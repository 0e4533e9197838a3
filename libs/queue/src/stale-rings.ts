/** Clocks of other machines may be this far from ours. */
const CLOCK_SKEW_MS = 1_000;

/** A ring, as it lies in the queue. */
export interface Ring {
  /** Epoch ms, by the ringer's clock. */
  timestamp: number;
  /** The process that rang. */
  ringer: string;
}

/**
 * Tells the rings that need no answer any more. A run of the handler goes on until nothing is left; so what was rung for before it
 * began, it has seen, and when it has ended in good order those rings can go unread.
 *
 * @example const rings = staleRings(processId); if (!rings.isStale(ring)) await rings.during(handler);
 */
export function staleRings(self: string): { isStale(ring: Ring): boolean; during(handler: () => Promise<void>): Promise<void> } {
  let seenUntil = -Infinity;
  return {
    isStale: ({ timestamp, ringer }) => timestamp < (ringer === self ? seenUntil : seenUntil - CLOCK_SKEW_MS),
    async during(handler) {
      const startedAt = Date.now();
      await handler();
      seenUntil = Math.max(seenUntil, startedAt);
    },
  };
}
