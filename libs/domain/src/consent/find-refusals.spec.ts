import fc from 'fast-check';
import { EVERY_PURPOSE, LAWFUL_BASES, PURPOSE_DEFAULTS, RECIPIENT_KINDS, SEPARATE_CONSENTS, type ConsentDecision, type ConsentState, type Purpose } from './consent.js';
import { decideConsent } from './decide-consent.js';
import { findRefusals } from './find-refusals.js';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const agreements = new Map([['terms', [{ agreementId: 'terms', version: 1, isMaterial: true, purposes: ['ads'], texts: {}, textHashes: {}, publishedAt: 0 }]]]);

const standing = (decision: ConsentDecision, recordId: string) => ({ decision, recordId, agreementId: 'terms', agreementVersion: 1, textHash: null, method: 'toggle' as const, effectiveAt: 1, recordedAt: 1 });
const scopes = [...RECIPIENT_KINDS, ...SEPARATE_CONSENTS, 'email', 'sms'];
const someDecision = fc.constantFrom<ConsentDecision>('granted', 'granted', 'denied', 'withdrawn', 'objected');
const someStandings = fc.dictionary(fc.constantFrom(...scopes), someDecision, { maxKeys: scopes.length, noNullPrototype: true });
const someState = fc.dictionary(fc.constantFrom('ads', EVERY_PURPOSE), someStandings, { noNullPrototype: true }).map((state): ConsentState => (
  Object.fromEntries(Object.entries(state).map(([purpose, of]) => [purpose, Object.fromEntries(Object.entries(of).map(([scope, decision]) => [scope, standing(decision, `${purpose} ${scope}`)]))]))));
const somePurpose = fc.record({
  lawfulBasis: fc.constantFrom(...LAWFUL_BASES), separateConsent: fc.subarray(['third-party' as const, ...SEPARATE_CONSENTS]),
}).map((change): Purpose => ({ key: 'ads', name: {}, description: {}, fields: ['*'], ...PURPOSE_DEFAULTS, expiresAfterDays: null, ...change }));
const someCase = fc.record({
  state: someState, purpose: somePurpose, hasSensitive: fc.boolean(),
  subject: fc.record({ country: fc.constantFrom(null, 'CN', 'DE'), birthday: fc.constantFrom(null, '2015-05-17', '1980-01-01'), age: fc.constant(null) }),
  target: fc.record({ recipient: fc.constantFrom(...RECIPIENT_KINDS), country: fc.constantFrom(null, 'CN', 'DE'), channel: fc.constantFrom(null, 'email'), connectionId: fc.constant('crm') }),
});

/** Whether a decision says no because somebody said no, rather than because nobody has said yes. */
const isRefusal = (reason: string): boolean => ['consent-denied', 'consent-withdrawn', 'consent-objected', 'channel-refused', 'processing-restricted'].includes(reason);

it('finds a refusal exactly where a send is refused for one, whatever the ground, recipient, person and state', () => {
  let refused = 0;
  fc.assert(fc.property(someCase, ({ hasSensitive, ...given }) => {
    const answer = decideConsent({ ...given, agreements, now: NOW });
    const found = findRefusals({ ...given, purposeKey: 'ads', hasSensitive, now: NOW });
    const isSensitiveRefused = hasSensitive && given.purpose.separateConsent.includes('sensitive') && ['denied', 'withdrawn', 'objected'].includes(given.state.ads?.sensitive?.decision ?? '');
    if (isRefusal(answer.reason)) {
      refused += 1;
      expect(found.map(({ recordId }) => recordId)).toContain(answer.standing?.recordId);
    }
    // What is allowed as it was sent has nothing to be taken back for.
    if (answer.isAllowed) expect(found.length > 0).toBe(isSensitiveRefused);
  }), { numRuns: 3_000 });
  expect(refused).toBeGreaterThan(300);
});

describe('findRefusals', () => {
  const ask = (state: ConsentState, change: Partial<Parameters<typeof findRefusals>[0]> = {}) => findRefusals({
    state, subject: { country: 'CN', birthday: null, age: null }, purposeKey: 'ads', hasSensitive: false, now: NOW,
    purpose: { key: 'ads', name: {}, description: {}, lawfulBasis: 'consent', fields: ['*'], ...PURPOSE_DEFAULTS, separateConsent: ['cross-border', 'minor'], expiresAfterDays: null },
    target: { recipient: 'processor', country: 'CN', channel: null, connectionId: 'crm' }, ...change,
  }).map(({ recordId }) => recordId);

  it('asks for the person\'s country: who refuses to have data sent abroad takes nothing back from a recipient at home', () => {
    const state = { ads: { processor: standing('granted', 'yes'), 'cross-border': standing('withdrawn', 'abroad') } };
    expect(ask(state)).toEqual([]);
    expect(ask(state, { target: { recipient: 'processor', country: 'DE', channel: null, connectionId: 'crm' } })).toEqual(['abroad']);
  });

  it('leaves alone what a contract or a legal duty asks for, and counts every refusal where the purpose is gone', () => {
    const state = { [EVERY_PURPOSE]: { processor: standing('denied', 'all') }, ads: { processor: standing('withdrawn', 'ads') } };
    const on = (lawfulBasis: Purpose['lawfulBasis']): Partial<Parameters<typeof findRefusals>[0]> => ({ purpose: { key: 'ads', name: {}, description: {}, lawfulBasis, fields: ['*'], ...PURPOSE_DEFAULTS, expiresAfterDays: null } });
    expect(ask(state, on('legal'))).toEqual([]);
    expect(ask(state, on('contract'))).toEqual(['all']);
    expect(ask({ ads: state.ads }, on('contract'))).toEqual([]);
    expect(ask(state, { purpose: undefined })).toEqual(['ads', 'all']);
  });
});
