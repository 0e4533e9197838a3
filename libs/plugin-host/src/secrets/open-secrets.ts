import { createDecipheriv } from 'node:crypto';
import { FirsthandError } from '@firsthand/domain';
import { ownerBytes, type SecretOwner } from './seal-secrets.js';
import type { SecretKey } from './secret-key.js';

const TAG_BYTES = 16;
const SEALED = /^v1\.([0-9a-f]{8})\.([\w-]{16})\.([\w-]{22,})$/;

/**
 * Decrypts what `sealSecrets` gave. Several keys allow for a rotation: the one that sealed it is taken.
 *
 * @throws FirsthandError `SECRET_UNREADABLE` when none of the keys sealed it, it belongs to another owner, or it was changed.
 * @example openSecrets(connection.sealedSecrets, [key], { workspaceId: 'w1', connectionId: 'c1' }).token
 */
export function openSecrets(sealed: string, keys: readonly SecretKey[], owner: SecretOwner): Record<string, string> {
  const [, keyId, nonce = '', data = ''] = SEALED.exec(sealed) ?? [];
  const key = keys.find(({ id }) => id === keyId);
  if (key === undefined) throw unreadable(owner);
  try {
    const bytes = Buffer.from(data, 'base64url');
    const decipher = createDecipheriv('aes-256-gcm', key.bytes, Buffer.from(nonce, 'base64url'), { authTagLength: TAG_BYTES })
      .setAAD(ownerBytes(owner))
      .setAuthTag(bytes.subarray(-TAG_BYTES));
    const text = Buffer.concat([decipher.update(bytes.subarray(0, -TAG_BYTES)), decipher.final()]).toString('utf8');
    return JSON.parse(text) as Record<string, string>;
  } catch {
    // Why it failed helps only someone who tries to forge one.
    throw unreadable(owner);
  }
}

function unreadable({ connectionId }: SecretOwner): FirsthandError {
  return new FirsthandError('SECRET_UNREADABLE', `The secrets of connection ${connectionId} cannot be decrypted.`);
}
