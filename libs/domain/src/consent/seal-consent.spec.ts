import fc from 'fast-check';
import type { ConsentRecord } from './consent.js';
import { isSealIntact, sealConsent, type LedgerConsent } from './seal-consent.js';

const record: ConsentRecord = {
  recordId: 'r1', workspaceId: 'w', identityKey: 'email|ana@example.com', purpose: 'marketing', decision: 'withdrawn', recipients: ['own'], agreementId: 'terms', agreementVersion: 2,
  textHash: 'ab', method: 'toggle', sourceConnectionId: null, isVerified: true, effectiveAt: 1, recordedAt: 2,
};
const sealed = sealConsent(record, 'nonce');

describe('the seal of a consent record', () => {
  it('holds for what was sealed, in whatever order its keys come back', () => {
    expect(isSealIntact(sealed)).toBe(true);
    expect(isSealIntact(Object.fromEntries(Object.entries(sealed).reverse()) as unknown as LedgerConsent)).toBe(true);
  });

  it('breaks with any field that is changed, and with one that is added', () => {
    fc.assert(fc.property(fc.constantFrom(...(Object.keys(record) as (keyof ConsentRecord)[])), fc.jsonValue(), (key, value) => {
      fc.pre(JSON.stringify(value) !== JSON.stringify(record[key]));
      expect(isSealIntact({ ...sealed, [key]: value })).toBe(false);
    }));
    expect(isSealIntact({ ...sealed, extra: 1 } as LedgerConsent)).toBe(false);
    expect(isSealIntact({ ...sealed, seal: { ...sealed.seal, identity: 'x' } })).toBe(false);
  });

  it('says nothing of the person once nonce and identity are erased, and still holds', () => {
    const { identityKey: _gone, seal: { nonce: _too, ...seal }, ...rest } = sealed;
    const erased = { ...rest, seal };
    expect(isSealIntact(erased)).toBe(true);
    expect(JSON.stringify(erased)).not.toContain('ana@example.com');
    // The same decision of the same person under another nonce shows another commitment.
    expect(sealConsent(record, 'other').seal.identity).not.toBe(sealed.seal.identity);
  });

  it('does not let the person be taken away alone, nor another be put in', () => {
    const { identityKey: _gone, ...rest } = sealed;
    expect(isSealIntact(rest)).toBe(false);
    expect(isSealIntact({ ...sealed, identityKey: 'email|ben@example.com' })).toBe(false);
  });
});
