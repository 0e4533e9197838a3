import { createHmac } from 'node:crypto';
import { comparableForm, type JsonValue } from '@firsthand/domain';

/** HMAC-SHA256 (base64url) of a value's comparable form under the salt of the profile whose row it stands in: tells equal values, and nothing once the salt is gone. */
export function syncDigest(salt: string, value: JsonValue | undefined): string {
  return createHmac('sha256', salt).update(comparableForm(value)).digest('base64url');
}
