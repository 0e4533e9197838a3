import { setTimeout as delay } from 'node:timers/promises';

/**
 * Asks again and again until the answer is enough, and gives the last one, enough or not: the expectation that follows says what is wrong with it.
 *
 * @example expect(await until(() => inbox.countDocuments({}), (count) => count === 0)).toBe(0);
 */
export async function until<T>(what: () => Promise<T> | T, isEnough: (value: T) => boolean, withinMs = 30_000): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const value = await what();
    if (isEnough(value) || Date.now() > deadline) return value;
    await delay(25);
  }
}
