import { hash, randomBytes } from 'node:crypto';

const PREFIX = 'fh_';
const FORM = /^fh_[A-Za-z0-9_-]{43}$/;

/** A new API key of the admin plane. Shown once: only the hash is stored. */
export interface NewApiKey {
  apiKey: string;
  /** SHA-256, hex. */
  hash: string;
  /** The last four characters, so that people can tell keys apart. */
  hint: string;
}

/**
 * Makes an API key of 32 random bytes.
 *
 * @example const { apiKey, hash, hint } = newApiKey(); // fh_…
 */
export function newApiKey(): NewApiKey {
  const apiKey = PREFIX + randomBytes(32).toString('base64url');
  return { apiKey, hash: hash('sha256', apiKey), hint: apiKey.slice(-4) };
}

/**
 * The hash under which an API key is stored: SHA-256, hex. Null for a text that can be none.
 *
 * @example hashApiKey(header) ?? refuse()
 */
export function hashApiKey(text: string): string | null {
  return FORM.test(text) ? hash('sha256', text) : null;
}
