import { randomBytes } from 'node:crypto';
import { sealConsent, type ConsentRecord, type SealedConsent } from '@firsthand/domain';

/** A new record with its seal, under a nonce of its own. */
export function sealed(record: ConsentRecord): SealedConsent {
  return sealConsent(record, randomBytes(16).toString('base64url'));
}
