import { setTimeout as delay } from 'node:timers/promises';

/** Waits for the work, but not longer than the limit. Gives whether it was settled by then; what it throws is dropped. */
export async function isWithin(limitMs: number, work: Promise<unknown>): Promise<boolean> {
  const timer = new AbortController();
  const limit = delay(limitMs, false, { signal: timer.signal }).catch(() => false);
  const done = work.then(() => true, () => true);
  try {
    return await Promise.race([done, limit]);
  } finally {
    timer.abort();
  }
}
