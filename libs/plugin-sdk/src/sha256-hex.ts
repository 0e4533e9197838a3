import { createHash } from 'node:crypto';

/**
 * SHA-256 of a text (as UTF-8) or of bytes, in lower-case hex: how ad platforms take hashed emails and phones.
 *
 * @example sha256Hex('ana@example.com') // 64 hex digits
 */
export function sha256Hex(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
