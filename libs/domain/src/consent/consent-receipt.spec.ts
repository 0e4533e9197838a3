import { PURPOSE_DEFAULTS, type AgreementVersion, type ConsentRecord } from './consent.js';
import { consentReceipt, type ReceiptSurroundings } from './consent-receipt.js';
import { isSealIntact, sealConsent, type LedgerConsent } from './seal-consent.js';

const record = (over: Partial<ConsentRecord> = {}) => sealConsent({
  recordId: 'r1', workspaceId: 'w', identityKey: 'email|ana@example.com', purpose: 'marketing', decision: 'granted', recipients: ['own', 'third-party'], agreementId: 'terms', agreementVersion: 2,
  textHash: 'hash-zh', method: 'toggle', sourceConnectionId: null, isVerified: true, effectiveAt: 1_000, recordedAt: 2_000, ...over,
}, 'nonce-of-r1');
const agreement: AgreementVersion = { agreementId: 'terms', version: 2, isMaterial: true, purposes: ['marketing'], texts: { en: 'We write.', 'zh-CN': '我们会联系您。' }, textHashes: { en: 'hash-en', 'zh-CN': 'hash-zh' }, publishedAt: 0 };
const surroundings: ReceiptSurroundings = {
  controller: 'Acme', policyUrl: 'https://acme.example/privacy/w', keysUrl: 'https://acme.example/.well-known/jwks.json', agreement, issuedAt: 3_500,
  purpose: { key: 'marketing', name: { en: 'Marketing' }, description: {}, lawfulBasis: 'consent', fields: ['profile.email'], ...PURPOSE_DEFAULTS, dataCategories: ['contact details'], expiresAfterDays: 365 },
};

describe('a receipt', () => {
  it('says what was decided, when, on which text, in the names of both standards', () => {
    const receipt = consentReceipt(record(), surroundings, true);
    expect(receipt).toMatchObject({
      iss: 'https://acme.example/privacy/w', iat: 3, jti: 'r1',
      consent_receipt: {
        version: 'KI-CR-v1.1.0', consentReceiptID: 'r1', consentTimestamp: 1, language: 'zh-CN', policyUrl: 'https://acme.example/privacy/w', publicKey: 'https://acme.example/.well-known/jwks.json',
        piiControllers: [{ piiController: 'Acme' }], services: [{ purposes: [{ purpose: 'marketing', consentType: 'EXPLICIT', purposeCategory: ['contact details'], piiCategory: ['profile.email'], thirdPartyDisclosure: true }] }], sensitive: false,
      },
      consent_record: {
        record_header: { record_id: 'r1' }, pii_processing: { privacy_notice: { agreement_id: 'terms', version: 2, sha256: 'hash-zh', text: '我们会联系您。' }, language: 'zh-CN', purposes: [{ purpose: 'marketing', lawful_basis: 'consent', recipients: ['own', 'third-party'] }] },
        party_identification: [{ party_name: 'Acme' }], event: { event_time: '1970-01-01T00:00:01.000Z', event_state: 'given', validity_duration: 'P365D' },
      },
    });
  });

  it('names nobody, and lets the person show that it is theirs, and nobody else', () => {
    const [own, staff] = [true, false].map((isForPerson) => consentReceipt(record(), surroundings, isForPerson));
    expect(JSON.stringify([own, staff])).not.toContain('ana@');
    expect(isSealIntact({ ...(own?.ledger_record as unknown as LedgerConsent), identityKey: 'email|ana@example.com' })).toBe(true);
    expect(isSealIntact({ ...(own?.ledger_record as unknown as LedgerConsent), identityKey: 'email|ben@example.com' })).toBe(false);
    expect(JSON.stringify(staff)).not.toContain('nonce-of-r1');
    expect(isSealIntact(staff?.ledger_record as unknown as LedgerConsent)).toBe(true);
  });

  it('claims nothing that is not known', () => {
    const receipt = consentReceipt(record({ decision: 'objected', method: 'event', purpose: '*', agreementId: null, agreementVersion: null, textHash: null }), { ...surroundings, agreement: undefined, purpose: undefined }, false);
    expect(receipt).toMatchObject({ consent_receipt: { services: [{ purposes: [{ purpose: '*', consentType: 'NOT STATED' }] }] }, consent_record: { event: { event_state: 'objected' } } });
    expect(JSON.stringify(receipt)).not.toMatch(/language|"text"|lawful_basis|validity_duration|event_type/);
    // Of a consent tool the version is known, and no text: not even of which language.
    const told = consentReceipt(record({ method: 'tcf', textHash: null }), surroundings, true);
    expect(told).toMatchObject({ consent_record: { pii_processing: { privacy_notice: { agreement_id: 'terms', version: 2, sha256: null } } }, ledger_record: { agreementVersion: 2, textHash: null } });
    expect(JSON.stringify(told)).not.toMatch(/"language"|"text"|hash-en|hash-zh/);
    // Another text of the version is not what they read.
    expect(consentReceipt(record({ textHash: 'of-elsewhere' }), surroundings, true)).toMatchObject({ consent_record: { pii_processing: { privacy_notice: { sha256: 'of-elsewhere' } } } });
    expect(JSON.stringify(consentReceipt(record({ textHash: 'of-elsewhere' }), surroundings, true))).not.toContain('我们');
  });
});
