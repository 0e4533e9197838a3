import { setTimeout as delay } from 'node:timers/promises';
import { OperatorError } from '../run/operator-error.mjs';

const EVERY_MS = 100;

/**
 * Asks again and again until the answer is enough.
 * @template T
 * @param {string} what for the message when time is up, as in `the profile`
 * @param {() => Promise<T> | T} ask
 * @param {(answer: T) => boolean} isEnough
 * @param {number} [withinMs]
 * @returns {Promise<T>} the answer that was enough
 * @throws {OperatorError} when it is not enough in time
 */
export async function until(what, ask, isEnough, withinMs = 30_000) {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (isEnough(answer)) return answer;
    if (Date.now() > deadline) throw new OperatorError(`${what} was not there within ${withinMs / 1000} s.`);
    await delay(EVERY_MS);
  }
}

/**
 * @param {boolean} holds
 * @param {string} claim what the demo was about to say
 * @throws {OperatorError} when it does not hold: the demo says nothing that it has not seen
 */
export function check(holds, claim) {
  if (!holds) throw new OperatorError(`it did not come true that ${claim}.`);
}
