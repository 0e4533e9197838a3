import { createHmac, hkdfSync } from 'node:crypto';

/** Enough that two texts of a workspace never meet by chance. */
const LENGTH = 22;

/**
 * Makes the function that turns what people are compared by into the keys of the matcher's index: HMAC-SHA256 under a key that is derived from the secret key for this use alone (RFC 5869), over the workspace and the text.
 * Without the secret key nobody can test whether a name or a number is in it.
 *
 * @param secretKey 32 bytes, as in FIRSTHAND_SECRET_KEY
 * @example const digest = matchDigest(secretKey); digest('w1', 'phone|+8613912345678')
 */
export function matchDigest(secretKey: Uint8Array): (workspaceId: string, text: string) => string {
  const key = Buffer.from(hkdfSync('sha256', secretKey, '', 'firsthand matching keys', 32));
  return (workspaceId, text) => createHmac('sha256', key).update(`${workspaceId}|${text}`).digest('base64url').slice(0, LENGTH);
}
