import { CONSENT_METHODS } from '../consent/consent.js';
import type { JsonValue } from '../json.js';
import type { CanonicalRecord } from './canonical-record.js';
import type { ReadIssues } from './read-issues.js';
import { readTime } from './read-time.js';

/** What a mapping may say of the proof of a consent. */
export const PROOF_TARGETS: readonly string[] = ['consentProof.textHash', 'consentProof.decidedAt', 'consentProof.method'];

/** Reads what proves a consent; a part that does not fit is flagged and proves nothing. */
export function readConsentProof(value: JsonValue | undefined, issues: ReadIssues): Pick<CanonicalRecord, 'consentProof'> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {};
  const [textHash, decidedAt, method] = [value.textHash, value.decidedAt, value.method].map((part) => (part === '' || part === null ? undefined : part));
  const at = readTime(decidedAt);
  const known = CONSENT_METHODS.find((one) => one === method);
  const hash = typeof textHash === 'string' && /^[0-9a-f]{64}$/i.test(textHash) ? textHash.toLowerCase() : undefined;
  for (const [part, given, read] of [['textHash', textHash, hash], ['decidedAt', decidedAt, at], ['method', method, known]] as const) if (given !== undefined && read === undefined) issues.invalid(`consentProof.${part}`);
  const consentProof = { ...(hash === undefined ? {} : { textHash: hash }), ...(at === undefined ? {} : { decidedAt: at }), ...(known === undefined ? {} : { method: known }) };
  return Object.keys(consentProof).length === 0 ? {} : { consentProof };
}
