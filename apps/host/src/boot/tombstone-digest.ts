import { createHmac, hkdfSync } from 'node:crypto';

/** Most events name somebody who was named a moment ago. */
const REMEMBERED = 20_000;

/**
 * Makes the function that turns the key of an erased identity into the digest its tombstone is stored under: HMAC-SHA256 under a key that is
 * derived from the secret key for this use alone (RFC 5869), over the workspace and the identity. Without the secret key nobody can test
 * whether somebody was erased here. The last digests are remembered.
 *
 * @param secretKey 32 bytes, as in FIRSTHAND_SECRET_KEY
 * @example const digest = tombstoneDigest(secretKey); digest('w1', 'email|ana@example.com')
 */
export function tombstoneDigest(secretKey: Uint8Array): (workspaceId: string, identityKey: string) => string {
  const key = Buffer.from(hkdfSync('sha256', secretKey, '', 'firsthand erasure tombstones', 32));
  const remembered = new Map<string, string>();
  return (workspaceId, identityKey) => {
    const text = `${workspaceId}|${identityKey}`;
    let digest = remembered.get(text);
    if (digest === undefined) {
      if (remembered.size >= REMEMBERED) remembered.clear();
      digest = createHmac('sha256', key).update(text).digest('base64url');
      remembered.set(text, digest);
    }
    return digest;
  };
}
