import { timingSafeEqual } from 'node:crypto';

/**
 * Compares two texts in a time that does not tell where they differ. For signatures and tokens.
 *
 * @example isSameText(givenToken, settings.token)
 */
export function isSameText(given: string, expected: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(expected);
  return a.length === b.length && timingSafeEqual(a, b);
}
