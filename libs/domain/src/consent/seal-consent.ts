import { createHash, createHmac } from 'node:crypto';
import type { JsonObject } from '../json.js';
import { canonicalJson } from '../profile/canonical-json.js';
import type { ConsentRecord, ConsentSeal } from './consent.js';

/** Which fields a hash covers, and how they are written down for it: grows when that changes. */
export const CONSENT_RECORD_VERSION = 1;

/** A record as it enters the ledger. */
export type SealedConsent = ConsentRecord & { seal: ConsentSeal };

/** A record of the ledger as it may be found: erasure takes `identityKey` and the nonce away. */
export type LedgerConsent = Omit<SealedConsent, 'identityKey'> & { identityKey?: string };

/**
 * Seals a record for the ledger. Its hash covers a commitment to who decided, never the identity itself, so that it still verifies when the person is erased.
 *
 * @param nonce random, 16 bytes or more, base64url, of this record alone
 * @example sealConsent(record, randomBytes(16).toString('base64url')).seal.hash
 */
export function sealConsent(record: ConsentRecord, nonce: string): SealedConsent {
  const seal = { version: CONSENT_RECORD_VERSION, nonce, identity: commitTo(record.identityKey, nonce), hash: '' };
  return { ...record, seal: { ...seal, hash: consentHash({ ...record, seal }) } };
}

/** SHA-256 (base64url) of a record by what is in it now: everything but who decided, for whom the commitment stands. */
export function consentHash(record: LedgerConsent): string {
  const { identityKey: _person, seal: { version, identity }, ...covered } = record;
  return createHash('sha256').update(canonicalJson({ ...covered, seal: { version, identity } } as unknown as JsonObject)).digest('base64url');
}

/** Whether a record is what was sealed, and its person's; one whose person was erased is judged by the rest. */
export function isSealIntact(record: LedgerConsent): boolean {
  const { identityKey, seal: { nonce, identity, hash } } = record;
  if (consentHash(record) !== hash) return false;
  // Who decided goes only together with the nonce.
  if (identityKey === undefined || nonce === undefined) return identityKey === undefined && nonce === undefined;
  // What was put there by another hand may be anything.
  return typeof identityKey === 'string' && typeof nonce === 'string' && commitTo(identityKey, nonce) === identity;
}

function commitTo(identityKey: string, nonce: string): string {
  return createHmac('sha256', nonce).update(identityKey).digest('base64url');
}
