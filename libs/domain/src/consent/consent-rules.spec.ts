import fc from 'fast-check';
import { PURPOSE_DEFAULTS, type AgreementVersion, type ConsentRecord, type ConsentState, type Purpose } from './consent.js';
import { isChild, UNKNOWN_SUBJECT } from './data-subject.js';
import { decideConsent, decideScope, OWN_USE } from './decide-consent.js';
import { coversField, stripUncovered } from './field-cover.js';
import { isRepeat, refusesWaiting } from './consent-terms.js';
import { foldLedger } from './fold-ledger.js';
import type { ConsentHistory } from './ledger-history.js';

const purpose = (change: Partial<Purpose> = {}): Purpose => ({
  key: 'marketing', name: {}, description: {}, lawfulBasis: 'consent', fields: ['*'], ...PURPOSE_DEFAULTS, separateConsent: ['third-party'], expiresAfterDays: null, ...change,
});
const version = (number: number, change: Partial<AgreementVersion> = {}): AgreementVersion => ({
  agreementId: 'terms', version: number, isMaterial: false, purposes: ['marketing'], texts: {}, textHashes: {}, publishedAt: 0, ...change,
});
const record = (change: Partial<ConsentRecord> = {}): ConsentRecord => ({
  recordId: 'r1', workspaceId: 'w', identityKey: 'userId|u1', purpose: 'marketing', decision: 'granted', recipients: ['own', 'processor'], agreementId: 'terms', agreementVersion: 1,
  textHash: null, method: 'toggle', sourceConnectionId: null, isVerified: true, effectiveAt: 100, recordedAt: 100, ...change,
});
const history = (records: ConsentRecord[], change: Partial<ConsentHistory> = {}): ConsentHistory => (
  { records, joins: [], moves: [], owners: new Map(records.map(({ identityKey }) => [identityKey, 'p1'])), shared: new Map(), provenAt: new Map(), ...change });
const stateOf = (...records: ConsentRecord[]): ConsentState => foldLedger(history(records), 'p1');
const PROCESSOR = { ...OWN_USE, recipient: 'processor' as const, connectionId: 'crm' };
const THIRD_PARTY = { ...OWN_USE, recipient: 'third-party' as const, connectionId: 'partner' };
const ask = (state: ConsentState | undefined, change: Partial<Parameters<typeof decideConsent>[0]> = {}) =>
  decideConsent({ state, purpose: purpose(), subject: UNKNOWN_SUBJECT, target: PROCESSOR, agreements: new Map([['terms', [version(1)]]]), now: 1_000, ...change });

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
    ['a third party, not asked for', stateOf(record()), { target: THIRD_PARTY }, 'no-consent'],
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
    expect(ask({}, { purpose: purpose({ lawfulBasis: 'contract' }), target: THIRD_PARTY }).reason).toBe('no-consent');
  });
});

describe('what a purpose names', () => {
  it('lets nothing go to other recipients or on other channels', () => {
    expect(ask(stateOf(record()), { purpose: purpose({ recipients: ['esp'] }) }).reason).toBe('recipient-not-listed');
    expect(ask(stateOf(record()), { purpose: purpose({ recipients: ['crm'] }) }).isAllowed).toBe(true);
    expect(ask(stateOf(record()), { purpose: purpose({ recipients: ['esp'] }), target: OWN_USE }).isAllowed).toBe(true);
    expect(ask(stateOf(record()), { purpose: purpose({ channels: ['email'] }), target: { ...PROCESSOR, channel: 'sms' } }).reason).toBe('channel-not-covered');
  });

  it('stands on the ground of the person\'s country, and on the hardest where the country is not known', () => {
    const abroad = { purpose: purpose({ lawfulBasis: 'legitimate', lawfulBasisIn: { CN: 'consent', US: 'contract' } }) };
    const reasonIn = (country: string | null): string => ask({}, { ...abroad, subject: { ...UNKNOWN_SUBJECT, country } }).reason;
    expect(['DE', 'US', 'CN', null].map(reasonIn)).toEqual(['basis-legitimate', 'basis-contract', 'no-consent', 'no-consent']);
  });
});

describe('refusals that go beyond a purpose', () => {
  const email = { ...PROCESSOR, channel: 'email' };
  const noEmail = (key: string) => stateOf(record(), record({ recordId: 'c', purpose: key, decision: 'denied', recipients: ['email'] }));

  it('close a channel: for a purpose on any ground but a duty, for every purpose where the person has a say', () => {
    expect(ask(noEmail('marketing'), { target: email })).toMatchObject({ isAllowed: false, reason: 'channel-refused', standing: { recordId: 'c' } });
    expect(ask(noEmail('*'), { target: email }).reason).toBe('channel-refused');
    expect(ask(noEmail('*'), { target: { ...PROCESSOR, channel: 'sms' } }).isAllowed).toBe(true);
    expect(ask(noEmail('*')).isAllowed).toBe(true);
    expect(ask(noEmail('*'), { target: email, purpose: purpose({ lawfulBasis: 'contract' }) }).isAllowed).toBe(true);
    expect(ask(noEmail('marketing'), { target: email, purpose: purpose({ lawfulBasis: 'contract' }) }).reason).toBe('channel-refused');
    expect(ask(noEmail('marketing'), { target: email, purpose: purpose({ lawfulBasis: 'legal' }) }).isAllowed).toBe(true);
  });

  it('restrict all processing but for duties and vital interests, until they are lifted', () => {
    const said = [record(), record({ recordId: 'all', purpose: '*', decision: 'denied', recipients: [] })];
    const restricted = stateOf(...said);
    for (const lawfulBasis of ['consent', 'contract', 'legitimate', 'public'] as const) expect(ask(restricted, { purpose: purpose({ lawfulBasis }) }).reason).toBe('processing-restricted');
    for (const lawfulBasis of ['legal', 'vital'] as const) expect(ask(restricted, { purpose: purpose({ lawfulBasis }) }).isAllowed).toBe(true);
    expect(ask(stateOf(...said, record({ recordId: 'lifted', purpose: '*', recipients: ['own', 'processor', 'third-party'], effectiveAt: 200 }))).isAllowed).toBe(true);
  });
});

describe('separate consents', () => {
  const grantOf = (scope: string, change: Partial<ConsentRecord> = {}) => record({ recordId: scope, recipients: [scope], ...change });
  const child = { country: 'CN', birthday: '2012-11-24', age: null };
  const turning14 = Date.UTC(2026, 10, 24, 12);

  it('hold back sensitive fields alone', () => {
    const careful = { purpose: purpose({ separateConsent: ['sensitive'] }) };
    expect(ask(stateOf(record()), careful)).toMatchObject({ isAllowed: true, coversSensitive: false });
    expect(ask(stateOf(record(), grantOf('sensitive')), careful)).toMatchObject({ isAllowed: true, coversSensitive: true });
    expect(ask(stateOf(record()))).toMatchObject({ coversSensitive: true });
    expect(ask({})).toMatchObject({ coversSensitive: false });
  });

  it('hold data of a child back until a parent agrees or the child is 14 in every time zone', () => {
    const parental = { purpose: purpose({ separateConsent: ['minor'], lawfulBasis: 'contract' }), subject: child };
    expect(ask({}, { ...parental, now: turning14 - 1 })).toMatchObject({ isAllowed: false, reason: 'no-consent-minor', validUntil: turning14 });
    expect(ask({}, { ...parental, now: turning14 }).isAllowed).toBe(true);
    expect(ask(stateOf(grantOf('minor')), { ...parental, now: turning14 - 1 }).isAllowed).toBe(true);
    expect(ask({}, { ...parental, subject: { ...UNKNOWN_SUBJECT, age: 13 } }).reason).toBe('no-consent-minor');
    expect(ask({}, { ...parental, subject: UNKNOWN_SUBJECT }).isAllowed).toBe(true);
    // Who is born on a 29th of February turns 14 on the 1st of March.
    expect(isChild({ ...child, birthday: '2012-02-29' }, Date.UTC(2026, 2, 1, 11))).toBe(true);
  });

  it('hold data back from recipients abroad, and from those of whom nobody knows where they are', () => {
    const bordered = { purpose: purpose({ separateConsent: ['cross-border'] }), subject: { ...UNKNOWN_SUBJECT, country: 'CN' } };
    const inCountry = (country: string | null) => ({ ...bordered, target: { ...PROCESSOR, country } });
    expect(ask(stateOf(record()), inCountry('CN')).isAllowed).toBe(true);
    for (const country of ['US', null]) expect(ask(stateOf(record()), inCountry(country)).reason).toBe('no-consent-cross-border');
    expect(ask(stateOf(record()), { ...inCountry('CN'), subject: UNKNOWN_SUBJECT }).reason).toBe('no-consent-cross-border');
    expect(ask(stateOf(record(), grantOf('cross-border')), inCountry('US')).isAllowed).toBe(true);
    expect(ask(stateOf(record()), { ...bordered, target: OWN_USE }).isAllowed).toBe(true);
  });

  it('end with the consent to the purpose, and the shorter of both counts', () => {
    const state = stateOf(record(), grantOf('sensitive'), record({ recordId: 'no', decision: 'withdrawn', recipients: [], effectiveAt: 200 }), record({ recordId: 'again', effectiveAt: 300 }));
    expect(ask(state, { purpose: purpose({ separateConsent: ['sensitive'] }) })).toMatchObject({ isAllowed: true, coversSensitive: false });
    const expiring = { purpose: purpose({ separateConsent: ['cross-border'], expiresAfterDays: 1 }) };
    expect(ask(stateOf(record({ effectiveAt: 500 }), grantOf('cross-border')), expiring).validUntil).toBe(100 + 86_400_000);
  });

  it('stand alone for the switch that shows them', () => {
    const question = { state: stateOf(grantOf('sensitive')), subject: UNKNOWN_SUBJECT, purpose: purpose(), agreements: new Map([['terms', [version(1)]]]), now: 1_000 };
    expect(['sensitive', 'minor', 'own'].map((scope) => decideScope(question, scope).isAllowed)).toEqual([true, false, false]);
  });
});

describe('foldLedger', () => {
  const anyRecord = fc.record({
    recordId: fc.uuid(), effectiveAt: fc.integer({ min: 1, max: 4 }), decision: fc.constantFrom('granted' as const, 'denied' as const, 'withdrawn' as const),
    recipients: fc.subarray(['own', 'processor', 'third-party', 'sensitive', 'email']), method: fc.constantFrom('toggle' as const, 'gpc' as const, 'event' as const, 'tcf' as const),
  }).map((given) => record(given));

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
    const provenOn = (key: string, one: ConsentRecord): ConsentState => foldLedger(history([one], { provenAt: new Map([[key, 0]]) }), 'p1');
    expect(stateOf(claim)).toEqual({});
    expect(provenOn('anonymousId|d', claim).marketing?.own?.decision).toBe('granted');
    expect(stateOf({ ...claim, decision: 'denied' }).marketing?.own?.decision).toBe('denied');
    expect(provenOn('email|ana@example.com', { ...claim, identityKey: 'email|ana@example.com' })).toEqual({});
  });

  it('does not let an event that repeats an old yes lift a no said by a clearer act', () => {
    const state = stateOf(record({ decision: 'withdrawn' }), record({ recordId: 'later', method: 'event', effectiveAt: 500 }));
    expect(state.marketing?.own?.decision).toBe('withdrawn');
    expect(stateOf(record({ decision: 'denied', method: 'event' }), record({ recordId: 'later', method: 'event', effectiveAt: 500 })).marketing?.own?.decision).toBe('granted');
  });

  it('holds a no said by a clearer act whatever events repeat, also a no, and takes an opt-out of the browser for such an act', () => {
    const optedOut = record({ decision: 'denied', method: 'gpc' });
    for (const method of ['event', 'tcf', 'gpp', 'consent-mode'] as const) {
      const later = [record({ recordId: 'no', decision: 'denied', method, effectiveAt: 500 }), record({ recordId: 'yes', method, effectiveAt: 900 })];
      expect(stateOf(optedOut, ...later).marketing?.own).toMatchObject({ decision: 'denied', method: 'gpc' });
      // Of one moment the clearer act stands, in whichever order they come.
      const same = [optedOut, record({ recordId: 'z', decision: 'denied', method })];
      for (const one of [stateOf(...same), stateOf(...same.reverse())]) expect(one.marketing?.own?.method).toBe('gpc');
    }
    expect(stateOf(optedOut, record({ recordId: 'yes', effectiveAt: 500 })).marketing?.own?.decision).toBe('granted');
  });

  it('knows what says nothing new', () => {
    const state = stateOf(record({ decision: 'denied', method: 'event' }));
    expect(isRepeat(state, record({ recordId: 'r2', decision: 'denied', method: 'tcf', effectiveAt: 500 }))).toBe(true);
    for (const news of [{ decision: 'denied', method: 'gpc' }, { method: 'event' }, { decision: 'denied', method: 'event', agreementVersion: 9 }, { decision: 'denied', method: 'event', purpose: 'other' }] as const) {
      expect(isRepeat(state, record({ recordId: 'r2', effectiveAt: 500, ...news }))).toBe(false);
    }
    const granted = stateOf(record({ method: 'event', recipients: ['own'] }));
    expect(isRepeat(granted, record({ method: 'event', recipients: ['own'] }))).toBe(true);
    expect(isRepeat(granted, record({ method: 'event', recipients: ['own', 'processor'] }))).toBe(false);
  });

  it('takes a yes that a tool remembers for no newer one, unless it is dated or came with a notice', () => {
    const [old, newer] = [1, 2].map((agreementVersion) => stateOf(record({ method: 'event', textHash: null, agreementVersion }))) as [ConsentState, ConsentState];
    const told = (method: ConsentRecord['method'], more: Partial<ConsentRecord> = {}) => record({ recordId: 'r2', method, textHash: null, agreementVersion: 2, effectiveAt: 500, ...more });
    expect((['event', 'consent-mode', 'tcf', 'import', 'toggle'] as const).map((method) => isRepeat(old, told(method)))).toEqual([true, true, false, false, false]);
    expect([{ textHash: 'shown' }, { agreementId: 'other' }, { decision: 'denied' }, { isUnconfirmed: true }].map((more) => isRepeat(old, told('event', more as Partial<ConsentRecord>)))).toEqual([false, false, false, false]);
    // Nor does it take the place of a newer one.
    expect((['event', 'tcf'] as const).map((method) => isRepeat(newer, told(method, { agreementVersion: 1 })))).toEqual([true, true]);
  });

  it('merges to the most restrictive explicit decision; silence decides nothing, what comes after the merge does', () => {
    const [ours, theirs] = [{ identityKey: 'userId|u1' }, { identityKey: 'userId|u2', recordId: 'r2' }];
    const merged = (...records: ConsentRecord[]) => foldLedger(history(records, {
      owners: new Map([['userId|u1', 'p1'], ['userId|u2', 'p2']]), joins: [{ winner: 'p1', loser: 'p2', at: 1_000, undoneAt: null }],
    }), 'p2').marketing?.own;
    const [yes, no] = [{ effectiveAt: 500 } as const, { decision: 'denied', effectiveAt: 1 } as const];
    for (const [one, other] of [[yes, no], [no, yes]] as const) expect(merged(record({ ...ours, ...one }), record({ ...theirs, ...other }))?.decision).toBe('denied');
    expect(merged(record({ ...theirs, ...yes }))?.decision).toBe('granted');
    for (const who of [ours, theirs]) expect(merged(record({ ...ours, ...yes }), record({ ...theirs, ...no }), record({ ...who, recordId: 'later', effectiveAt: 1_001 }))?.decision).toBe('granted');
    const [optedOut, repeated] = [{ decision: 'denied', method: 'gpc' } as const, { decision: 'denied', method: 'tcf', effectiveAt: 900 } as const];
    for (const [one, other] of [[optedOut, repeated], [repeated, optedOut]] as const) expect(merged(record({ ...ours, ...one }), record({ ...theirs, ...other }))?.method).toBe('gpc');
  });

  it('keeps a grant without proof aside, with a reason of its own, and never lets it lift a refusal; a refusal needs no proof', () => {
    const unproven = record({ isUnproven: true, method: 'import', effectiveAt: 500 });
    expect(ask(stateOf(unproven))).toMatchObject({ isAllowed: false, reason: 'consent-unproven', standing: { recordId: 'r1' } });
    expect(ask(stateOf(unproven), { purpose: purpose({ lawfulBasis: 'legitimate' }) }).isAllowed).toBe(true);
    expect(ask(stateOf(unproven, record({ recordId: 'no', decision: 'denied' }))).reason).toBe('consent-denied');
    expect(ask(stateOf(unproven, record({ recordId: 'yes' }))).reason).toBe('consent-granted');
    expect(ask(stateOf({ ...unproven, decision: 'denied' })).reason).toBe('consent-denied');
    expect(isRepeat(stateOf(unproven), { ...unproven, recordId: 'again' })).toBe(true);
    expect(isRepeat(stateOf(unproven), record({ recordId: 'yes' }))).toBe(false);
  });

  it('keeps a grant that is to be confirmed aside, also where its device is proven, until it is confirmed or refused', () => {
    const waiting = record({ isUnconfirmed: true, isVerified: false, identityKey: 'anonymousId|d1', effectiveAt: 500, recordedAt: 500 });
    const proven = { ...history([waiting]), owners: new Map([['anonymousId|d1', 'p1']]), provenAt: new Map([['anonymousId|d1', 0]]) };
    const state = foldLedger(proven, 'p1');
    expect(ask(state)).toMatchObject({ isAllowed: false, reason: 'consent-unconfirmed', standing: { waitsFor: 'confirmation' } });
    const no = (effectiveAt: number) => record({ recordId: 'no', identityKey: 'anonymousId|d1', decision: 'denied', method: 'event', effectiveAt, recordedAt: effectiveAt });
    // Of the same moment or later a refusal ends it, and is news whatever stands; an older one does neither.
    expect([499, 500, 501].map((at) => refusesWaiting(state, no(at)))).toEqual([false, true, true]);
    expect(isRepeat({ marketing: { ...foldLedger({ ...proven, records: [no(1)] }, 'p1').marketing, ...state.marketing } }, no(600))).toBe(false);
    const after = (at: number) => foldLedger({ ...proven, records: [waiting, no(at)] }, 'p1').marketing ?? {};
    expect([499, 500].map((at) => Object.keys(after(at)).some((scope) => scope.startsWith('waiting:')))).toEqual([true, false]);
  });
});

describe('stripUncovered', () => {
  const tree = { profile: { email: 'e', city: 'c', custom: { size: 4 } }, event: { name: 'n' } };

  it('keeps what is named, by path or prefix', () => {
    expect(stripUncovered(purpose({ fields: ['profile.email', 'profile.custom.*'] }), tree)).toEqual({ profile: { email: 'e', custom: { size: 4 } } });
    expect(stripUncovered(purpose({ fields: ['*'] }), tree)).toEqual(tree);
    expect(stripUncovered(purpose({ fields: [] }), tree)).toEqual({});
  });

  it('keeps back what is withheld although it is covered, in lists too', () => {
    const held = stripUncovered(purpose({ fields: ['*'] }), { ...tree, event: { order: { lines: [{ sku: 'a', note: 'n' }, 'x'] } } }, ['profile.custom.size', 'event.order.lines.note', 'event.gone.far']);
    expect(held).toEqual({ profile: { email: 'e', city: 'c', custom: {} }, event: { order: { lines: [{ sku: 'a' }, 'x'] } } });
    expect(tree.profile.custom).toEqual({ size: 4 });
  });

  it('does not take a name for a prefix of another', () => {
    expect(coversField(purpose({ fields: ['profile.email'] }), 'profile.emailHash')).toBe(false);
  });
});

it('leaves what was refused under an identity that has gone to another with whom it was given to, while they are one with somebody and afterwards', () => {
  const records = [record({ recordId: 'no', identityKey: 'email|w', decision: 'denied', recipients: ['own'] }), record({ recordId: 'yes', identityKey: 'email|w', recipients: ['processor'] })];
  const of = (profileId: string, undoneAt: number | null) => foldLedger(history(records, {
    owners: new Map([['email|w', 'p3'], ['userId|u1', 'p1'], ['userId|u2', 'p2']]), joins: [{ winner: 'p1', loser: 'p2', at: 50, undoneAt }], moves: [{ key: 'email|w', from: 'p2', to: 'p3', at: 200 }],
  }), profileId).marketing ?? {};
  expect([of('p1', null).own?.decision, of('p1', null).processor]).toEqual(['denied', undefined]);
  expect([of('p1', 300), of('p2', 300).own?.decision, of('p2', 300).processor]).toEqual([{}, 'denied', undefined]);
});
