import { defineFields } from './field-definition.js';

/** One decision of a person on one purpose, as it is recorded (ISO/IEC TS 27560). Sources fill `consents.<purpose>`; the rest the platform writes. */
export const CONSENT_FIELDS = defineFields(
  { owner: 'any', pii: 'pseudonymous', retentionDays: null, purposes: ['service'] },
  {
    purpose: { type: 'string', description: 'Key of the purpose decided on.', example: 'marketing', pii: 'none' },
    decision: { type: 'string', values: ['granted', 'denied', 'withdrawn', 'objected', 'expired'], description: 'What was decided.', example: 'granted' },
    recipients: { type: 'strings', description: 'Kinds of recipient it covers: own, processor, third-party.', example: ['own', 'processor'], pii: 'none' },
    agreementId: { type: 'string', description: 'The agreement that was read.', example: 'membership-terms', pii: 'none' },
    agreementVersion: { type: 'integer', description: 'Its version.', example: 3, pii: 'none' },
    textHash: { type: 'string', description: 'SHA-256 of the text that was shown.', example: '9f86d081884c7d65', pii: 'none' },
    method: { type: 'string', values: ['toggle', 'api', 'signature', 'double-opt-in', 'import', 'event', 'gpc', 'tcf', 'gpp', 'consent-mode'], description: 'How the person told us.', example: 'toggle', pii: 'none' },
    isVerified: { type: 'boolean', description: 'Whether it is known that the person themselves decided.', example: true, pii: 'none' },
    effectiveAt: { type: 'datetime', description: 'When they decided.', example: '2026-11-24T08:00:00.000Z' },
    recordedAt: { type: 'datetime', description: 'When we learned of it.', example: '2026-11-24T08:00:01.000Z' },
  },
);
