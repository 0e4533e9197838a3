import { hash, randomBytes } from 'node:crypto';

/** `public`: sits in a page or app, where anyone can read it, so that what comes with it is only claimed. `secret`: the brand's own server. */
export type WriteKeyKind = 'public' | 'secret';

const PREFIXES: Record<WriteKeyKind, string> = { public: 'pk_', secret: 'sk_' };
const KEY_BYTES = 32;
/** A prefix and 32 bytes in base64url. */
const FORM = /^[ps]k_[A-Za-z0-9_-]{43}$/;

/** A new write key. Shown once: only the hash is stored. */
export interface NewWriteKey {
  writeKey: string;
  kind: WriteKeyKind;
  /** SHA-256, hex. */
  hash: string;
  /** The last four characters, so that people can tell keys apart. */
  hint: string;
}

/**
 * Makes a write key of 32 random bytes.
 *
 * @example const { writeKey, hash, hint } = newWriteKey('public'); // pk_…
 */
export function newWriteKey(kind: WriteKeyKind): NewWriteKey {
  const writeKey = PREFIXES[kind] + randomBytes(KEY_BYTES).toString('base64url');
  return { writeKey, kind, hash: hash('sha256', writeKey), hint: writeKey.slice(-4) };
}

/**
 * The hash under which a write key is stored and looked up: SHA-256, hex. A slow hash is for what people make up; this is random.
 * Null for a text that can be no write key.
 *
 * @example index.get(hashWriteKey(text) ?? '')
 */
export function hashWriteKey(text: string): string | null {
  return FORM.test(text) ? hash('sha256', text) : null;
}

/**
 * The kind that a write key says it is; null for a text that can be none.
 *
 * @example writeKeyKind('sk_…') // 'secret'
 */
export function writeKeyKind(text: string): WriteKeyKind | null {
  if (!FORM.test(text)) return null;
  return text.startsWith(PREFIXES.public) ? 'public' : 'secret';
}
