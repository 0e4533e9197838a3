import { setTimeout as delay } from 'node:timers/promises';

/** Waits for the work, but not longer than the limit; what the work throws is dropped. */
export async function withinTime(limitMs: number, work: Promise<unknown>): Promise<void> {
  const timer = new AbortController();
  const limit = delay(limitMs, undefined, { signal: timer.signal }).catch(() => undefined);
  await Promise.race([work.catch(() => undefined), limit]);
  timer.abort();
}
