import { createHash } from 'node:crypto';
import { InvalidSignature, isSameText, requireFresh } from '@firsthand/plugin-sdk';

/** Pushes older than this, or further ahead, are refused: their signature is known to whoever saw them. */
const MAX_AGE_SECONDS = 600;

interface Signed {
  given: string | undefined;
  token: string | undefined;
  timestamp: string | undefined;
  nonce: string | undefined;
  /** The ciphertext in security mode; nothing else of a message is signed. */
  encrypted?: string;
  /** Epoch ms. */
  now: number;
}

/**
 * Checks a signature of WeChat's message push: SHA-1, in hex, over token, timestamp, nonce and, in security mode, the ciphertext, sorted by
 * code unit and joined (WeChat, "Message push", server configuration).
 *
 * @throws InvalidSignature when it is missing, wrong or stale, or the connection has no token.
 */
export function checkSignature({ given, token, timestamp, nonce, encrypted, now }: Signed): void {
  if (token === undefined || token === '') throw new InvalidSignature('The connection has no token.');
  if (given === undefined || nonce === undefined) throw new InvalidSignature('The signature is missing.');
  const parts = [token, requireFresh(timestamp, now, MAX_AGE_SECONDS), nonce, ...(encrypted === undefined ? [] : [encrypted])];
  const expected = createHash('sha1').update(parts.sort().join('')).digest('hex');
  if (!isSameText(given, expected)) throw new InvalidSignature();
}
