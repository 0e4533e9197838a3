import { InvalidSignature } from './errors.js';

const DIGITS = /^\d{9,13}$/;
/** Below this a number is seconds (until the year 5138), from here on milliseconds. */
const SECONDS_BELOW = 1e11;

/**
 * Checks that a Unix time in seconds or milliseconds (`now` in epoch ms) is at most `maxAgeSeconds` away, before or after. Gives its text as it was sent.
 *
 * @throws InvalidSignature when it is missing, no number, or stale.
 * @example requireFresh(request.headers['x-timestamp'], now, 300)
 */
export function requireFresh(timestamp: string | undefined, now: number, maxAgeSeconds: number): string {
  if (timestamp === undefined || !DIGITS.test(timestamp)) throw new InvalidSignature('The timestamp of the signature is missing.');
  const number = Number(timestamp);
  const signedAt = number < SECONDS_BELOW ? number * 1000 : number;
  if (Math.abs(now - signedAt) > maxAgeSeconds * 1000) throw new InvalidSignature('The signature is stale.');
  return timestamp;
}
