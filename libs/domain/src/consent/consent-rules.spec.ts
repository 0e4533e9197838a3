import fc from 'fast-check';
import type { AgreementVersion, ConsentRecord, ConsentState, Purpose } from './consent.js';
import { decideConsent } from './decide-consent.js';
import { coversField, stripUncovered } from './field-cover.js';
import { foldConsent, mergeConsentStates } from './fold-consent.js';

const purpose = (change: Partial<Purpose> = {}): Purpose => ({
  key: 'marketing', name: {}, description: {}, lawfulBasis: 'consent', fields: ['*'], needsSeparateThirdPartyConsent: true, expiresAfterDays: null, ...change,
});
const version = (number: number, change: Partial<AgreementVersion> = {}): AgreementVersion => ({
  agreementId: 'terms', version: number, isMaterial: false, purposes: ['marketing'], texts: {}, textHashes: {}, publishedAt: 0, ...change,
});
const record = (change: Partial<ConsentRecord> = {}): ConsentRecord => ({
  recordId: 'r1', workspaceId: 'w', identityKey: 'userId|u1', purpose: 'marketing', decision: 'granted', recipients: ['own', 'processor'], agreementId: 'terms', agreementVersion: 1,
  textHash: null, method: 'toggle', sourceConnectionId: null, isVerified: true, effectiveAt: 100, recordedAt: 100, ...change,
});
const stateOf = (...records: ConsentRecord[]): ConsentState => {
  const state: ConsentState = {};
  for (const each of records) foldConsent(state, each, []);
  return state;
};
const ask = (state: ConsentState | undefined, change: Partial<Parameters<typeof decideConsent>[0]> = {}) =>
  decideConsent({ state, purpose: purpose(), recipient: 'processor', agreements: new Map([['terms', [version(1)]]]), now: 1_000, ...change });

describe('decideConsent', () => {
  it('allows a standing grant to a covering agreement, and says which record decides', () => {
    expect(ask(stateOf(record()))).toMatchObject({ isAllowed: true, reason: 'consent-granted', standing: { recordId: 'r1' }, validUntil: null });
  });

  it.each([
    ['state unreadable', undefined, {}, 'no-consent'],
    ['nothing said', {}, {}, 'no-consent'],
    ['purpose unknown', stateOf(record()), { purpose: undefined }, 'purpose-unknown'],
    ['denied', stateOf(record({ decision: 'denied' })), {}, 'consent-denied'],
    ['withdrawn', stateOf(record({ decision: 'withdrawn' })), {}, 'consent-withdrawn'],
    ['no agreement', stateOf(record({ agreementId: null })), {}, 'agreement-missing'],
    ['no version', stateOf(record({ agreementVersion: null })), {}, 'agreement-missing'],
    ['agreement gone', stateOf(record()), { agreements: new Map() }, 'agreement-unknown'],
    ['version never published', stateOf(record({ agreementVersion: 9 })), {}, 'agreement-unknown'],
    ['agreement about something else', stateOf(record()), { agreements: new Map([['terms', [version(1, { purposes: ['ads'] })]]]) }, 'agreement-not-covering'],
    ['a newer material version', stateOf(record()), { agreements: new Map([['terms', [version(1), version(2, { isMaterial: true })]]]) }, 'agreement-superseded'],
    ['decided in the future', stateOf(record({ effectiveAt: 2_000 })), {}, 'decided-in-future'],
    ['a third party, not asked for', stateOf(record()), { recipient: 'third-party' as const }, 'no-consent'],
  ])('denies: %s', (_name, state, change, reason) => {
    expect(ask(state, change)).toMatchObject({ isAllowed: false, reason });
  });

  it('keeps a grant over a newer version that is not material', () => {
    expect(ask(stateOf(record()), { agreements: new Map([['terms', [version(1), version(2)]]]) }).isAllowed).toBe(true);
  });

  it('expires to the millisecond', () => {
    const expiring = { purpose: purpose({ expiresAfterDays: 1 }) };
    expect(ask(stateOf(record()), { ...expiring, now: 100 + 86_400_000 - 1 })).toMatchObject({ isAllowed: true, validUntil: 100 + 86_400_000 });
    expect(ask(stateOf(record()), { ...expiring, now: 100 + 86_400_000 })).toMatchObject({ isAllowed: false, reason: 'consent-expired' });
  });

  it('lets contract messages go on after a withdrawal, and an objection beat legitimate interest', () => {
    const withdrawn = stateOf(record({ decision: 'objected' }));
    expect(ask(withdrawn, { purpose: purpose({ lawfulBasis: 'contract' }) })).toMatchObject({ isAllowed: true, reason: 'basis-contract' });
    expect(ask(withdrawn, { purpose: purpose({ lawfulBasis: 'legitimate' }) })).toMatchObject({ isAllowed: false, reason: 'consent-objected' });
    expect(ask({}, { purpose: purpose({ lawfulBasis: 'legitimate' }) }).isAllowed).toBe(true);
  });

  it('asks for a consent of its own before a third party gets data on any basis', () => {
    expect(ask({}, { purpose: purpose({ lawfulBasis: 'contract' }), recipient: 'third-party' }).reason).toBe('no-consent');
  });
});

describe('foldConsent', () => {
  const anyRecord = fc.record({
    recordId: fc.uuid(), effectiveAt: fc.integer({ min: 1, max: 4 }), decision: fc.constantFrom('granted' as const, 'denied' as const, 'withdrawn' as const),
    recipients: fc.subarray(['own' as const, 'processor' as const, 'third-party' as const]),
  }).map((given) => record({ ...given, method: 'toggle' }));

  it('gives the same in any order', () => {
    fc.assert(fc.property(fc.uniqueArray(anyRecord, { selector: ({ recordId }) => recordId, maxLength: 6 }), (records) => {
      expect(stateOf(...records)).toEqual(stateOf(...[...records].reverse()));
    }));
  });

  it('lets the newer win, and the refusal on a tie', () => {
    expect(stateOf(record({ effectiveAt: 2 }), record({ recordId: 'old', decision: 'withdrawn', effectiveAt: 1 })).marketing?.own?.decision).toBe('granted');
    expect(stateOf(record({ recordId: 'z' }), record({ recordId: 'a', decision: 'denied' })).marketing?.own?.decision).toBe('denied');
  });

  it('takes a refusal for the recipients that it names, and for all when it names none', () => {
    const third = stateOf(record({}), record({ recordId: 'r2', decision: 'withdrawn', recipients: ['third-party'], effectiveAt: 200 })).marketing;
    expect([third?.own?.decision, third?.processor?.decision, third?.['third-party']?.decision]).toEqual(['granted', 'granted', 'withdrawn']);
    expect(stateOf(record({ decision: 'denied', recipients: [] })).marketing).toMatchObject({ own: { decision: 'denied' }, processor: { decision: 'denied' }, 'third-party': { decision: 'denied' } });
    expect(stateOf(record({ recipients: [] }))).toEqual({});
  });

  it('counts a claim of a device only once the person is verified on it; a refusal always', () => {
    const claim = record({ identityKey: 'anonymousId|d', isVerified: false });
    const state: ConsentState = {};
    expect(foldConsent(state, claim, [])).toBe(false);
    expect(foldConsent(state, claim, ['anonymousId|d'])).toBe(true);
    expect(foldConsent({}, { ...claim, decision: 'denied' }, [])).toBe(true);
    expect(foldConsent({}, { ...claim, identityKey: 'email|ana@example.com' }, ['email|ana@example.com'])).toBe(false);
  });

  it('does not let an event that repeats an old yes lift a no said by a clearer act', () => {
    const state = stateOf(record({ decision: 'withdrawn' }), record({ recordId: 'later', method: 'event', effectiveAt: 500 }));
    expect(state.marketing?.own?.decision).toBe('withdrawn');
    expect(stateOf(record({ decision: 'denied', method: 'event' }), record({ recordId: 'later', method: 'event', effectiveAt: 500 })).marketing?.own?.decision).toBe('granted');
  });

  it('merges to the most restrictive explicit decision; silence decides nothing', () => {
    const granted = stateOf(record({ effectiveAt: 500 }));
    const denied = stateOf(record({ decision: 'denied', effectiveAt: 1 }));
    expect(mergeConsentStates(granted, denied).marketing?.own?.decision).toBe('denied');
    expect(mergeConsentStates(denied, granted).marketing?.own?.decision).toBe('denied');
    expect(mergeConsentStates(granted, {}).marketing?.own?.decision).toBe('granted');
  });
});

describe('stripUncovered', () => {
  const tree = { profile: { email: 'e', city: 'c', custom: { size: 4 } }, event: { name: 'n' } };

  it('keeps what is named, by path or prefix', () => {
    expect(stripUncovered(purpose({ fields: ['profile.email', 'profile.custom.*'] }), tree)).toEqual({ profile: { email: 'e', custom: { size: 4 } } });
    expect(stripUncovered(purpose({ fields: ['*'] }), tree)).toEqual(tree);
    expect(stripUncovered(purpose({ fields: [] }), tree)).toEqual({});
  });

  it('does not take a name for a prefix of another', () => {
    expect(coversField(purpose({ fields: ['profile.email'] }), 'profile.emailHash')).toBe(false);
  });
});
