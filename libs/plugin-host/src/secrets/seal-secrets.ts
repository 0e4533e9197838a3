import { createCipheriv, randomBytes } from 'node:crypto';
import type { SecretKey } from './secret-key.js';

/** Whose secrets they are. A sealed text opens for its owner only; a copy in another connection does not. */
export interface SecretOwner {
  workspaceId: string;
  connectionId: string;
}

/** The bytes that a sealed text is bound to. */
export function ownerBytes({ workspaceId, connectionId }: SecretOwner): Buffer {
  return Buffer.from(`${workspaceId}|${connectionId}`);
}

/**
 * Encrypts the secret settings of a connection with AES-256-GCM (NIST SP 800-38D, a random 96-bit nonce). Gives
 * `v1.<key id>.<nonce>.<ciphertext and tag>`, base64url, to be stored as it is.
 *
 * @example sealSecrets({ token: 't' }, key, { workspaceId: 'w1', connectionId: 'c1' })
 */
export function sealSecrets(secrets: Record<string, string>, key: SecretKey, owner: SecretOwner): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key.bytes, nonce).setAAD(ownerBytes(owner));
  const sealed = Buffer.concat([cipher.update(JSON.stringify(secrets), 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return `v1.${key.id}.${nonce.toString('base64url')}.${sealed.toString('base64url')}`;
}
