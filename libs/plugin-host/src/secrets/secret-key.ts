import { createHash } from 'node:crypto';
import { FirsthandError } from '@firsthand/domain';

/** A key that secrets are sealed with. `id` tells keys apart without telling the key. */
export interface SecretKey {
  id: string;
  /** 32 bytes. */
  bytes: Buffer;
}

/**
 * Reads a key of 32 bytes in base64, as in `FIRSTHAND_SECRET_KEY`.
 *
 * @throws FirsthandError `INVALID_ENVIRONMENT` when it is not 32 bytes.
 * @example const key = readSecretKey(process.env.FIRSTHAND_SECRET_KEY ?? '');
 */
export function readSecretKey(base64: string): SecretKey {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length !== 32 || bytes.toString('base64').replace(/=+$/, '') !== base64.trim().replace(/=+$/, '')) {
    throw new FirsthandError('INVALID_ENVIRONMENT', 'FIRSTHAND_SECRET_KEY is not 32 bytes in base64.');
  }
  return { id: createHash('sha256').update('firsthand secret key id').update(bytes).digest('hex').slice(0, 8), bytes };
}
