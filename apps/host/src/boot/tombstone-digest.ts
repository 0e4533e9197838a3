import { createHmac, hkdfSync } from 'node:crypto';

/**
 * Makes the function that turns the key of an erased identity into the digest its tombstone is stored under: HMAC-SHA256 under a key that is
 * derived from the secret key for this use alone (RFC 5869), over the workspace and the identity. Without the secret key nobody can test
 * whether somebody was erased here.
 *
 * @param secretKey 32 bytes, as in FIRSTHAND_SECRET_KEY
 * @example const digest = tombstoneDigest(secretKey); digest('w1', 'email|ana@example.com')
 */
export function tombstoneDigest(secretKey: Uint8Array): (workspaceId: string, identityKey: string) => string {
  const key = Buffer.from(hkdfSync('sha256', secretKey, '', 'firsthand erasure tombstones', 32));
  return (workspaceId, identityKey) => createHmac('sha256', key).update(`${workspaceId}|${identityKey}`).digest('base64url');
}
