import { FirsthandError } from '@firsthand/domain';

/**
 * Waits for the work, but not longer than the limit. The driver's own time limits leave out the making of a connection, and behind a broken
 * network that is what takes its time. The work itself goes on: whether it took effect is unknown.
 *
 * @throws FirsthandError UNAVAILABLE at the limit
 */
export async function withinLimit<T>(limitMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new FirsthandError('UNAVAILABLE', `MongoDB did not answer within ${limitMs} ms.`, [], { retryAfterSeconds: 1 })), limitMs);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
