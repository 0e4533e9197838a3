import type { JsonValue } from '../../json.js';
import { compileSignals } from './compile-signals.js';
import { consentSignalSchema, type ConsentSignal, type SignalDecision } from './consent-signal.js';

/** Made for these tests. All but `refused` consent to the purposes 1, 3 and 4; of 1 March 2026, 0:00, unless they say otherwise. */
const TC_STRINGS = {
  /** Of 15 January 2026, vendors 21 and 755, none disclosed. */
  before: 'CQeEcwAQeEcwAAfABBENAwFgALAAAAAAAAYgF5wAgAKgLzAAAAAA',
  /** The same of 1 March, when that is no longer enough. */
  undisclosed: 'CQgYw8AQgYw8AAfABBENAwFgALAAAAAAAAYgF5wAQF5gAAAA',
  /** Vendors 21 and 755, both disclosed. */
  disclosed: 'CQgYw8AQgYw8AAfABBENAwFgALAAAAAAAAYgF5wAgAKgLzAAAAAA.IF5wAgAKgLzA',
  /** Vendors 21 and 755, disclosed is 755 alone. */
  partlyDisclosed: 'CQgYw8AQgYw8AAfABBENAwFgALAAAAAAAAYgF5wAgAKgLzAAAAAA.IF5wAQF5gAAA',
  /** Purpose 1 alone, no vendor. */
  refused: 'CQgYw8AQgYw8AAfABBENAwFgAIAAAAAAAAYgAAAAAAAA.IF5wAgAKgLzA',
  /** Vendor 21; the publisher's own consents are to purpose 1 alone. */
  publisher: 'CQgYw8AQgYw8AAfABBENAwFgALAAAAAAAAYgAKgAACAAAAAA.IF5wAgAKgLzA.cAAAAAAAAAAA',
  /** Vendor 755, which the publisher forbids purpose 3. */
  restricted: 'CQgYw8AQgYw8AAfABBENAwFgALAAAAAAAAYgF5wAQF5gAAABDAAQF5gA.IF5wAgAKgLzA',
};
const target = { purpose: 'ads', recipients: ['third-party' as const] };
const gpc: ConsentSignal = { signal: 'gpc', ...target };
const tcf = (vendor: number | null, purposes = [1, 3, 4]): ConsentSignal => ({ signal: 'tcf', purposes, vendor, ...target });
const optOut = (what: 'sale' | 'sharing' | 'targeted-advertising'): ConsentSignal => ({ signal: 'gpp', optOut: what, ...target });
const mode = (field: 'ad_storage' | 'analytics_storage'): ConsentSignal => ({ signal: 'consent-mode', field, ...target });

const decisions = (context: JsonValue, ...table: ConsentSignal[]): SignalDecision['decision'][] => compileSignals(table)(context).map(({ decision }) => decision);

describe('Global Privacy Control', () => {
  it.each([true, 1, '1'])('%j refuses, for the purpose and the recipients that the row names', (value) => {
    expect(compileSignals([gpc])({ gpc: value })).toEqual([{ ...target, decision: 'denied', method: 'gpc', decidedBefore: null }]);
  });
  it.each([undefined, null, false, 0, '0', ''])('%j says nothing: it never grants', (value) => {
    expect(decisions({ gpc: value as JsonValue, consentMode: {} }, gpc)).toEqual([]);
  });
  it.each(['yes', {}, [1], 2])('%j cannot be read', (value) => expect(decisions({ gpc: value }, gpc)).toEqual(['unreadable']));
  it('is found within a GPP string', () => expect(decisions({ gppString: 'DBABBg~BAgAAABA.YA' }, gpc, optOut('sale'))).toEqual(['denied']));
});

describe('IAB TCF', () => {
  it.each([
    ['consented and disclosed', TC_STRINGS.disclosed, 755, 'granted'], ['consented and not disclosed', TC_STRINGS.partlyDisclosed, 21, 'denied'], ['disclosed beside it', TC_STRINGS.partlyDisclosed, 755, 'granted'],
    ['disclosed and not consented', TC_STRINGS.refused, 755, 'denied'], ['forbidden one of the purposes by the publisher', TC_STRINGS.restricted, 755, 'denied'],
    ['unknown', TC_STRINGS.disclosed, 99, 'denied'], ['consented before disclosure was due', TC_STRINGS.before, 755, 'granted'],
  ])('a vendor that is %s', (_name, tcString, vendor, decision) => expect(decisions({ tcString }, tcf(vendor))).toEqual([decision]));

  it('takes the publisher\'s own purposes for the brand itself, and those of the core where there are none', () => {
    expect(decisions({ tcString: TC_STRINGS.publisher }, tcf(null, [1]), tcf(null, [1, 3]))).toEqual(['granted', 'denied']);
    expect(decisions({ tcString: TC_STRINGS.disclosed }, tcf(null, [1, 3]), tcf(null, [1, 2]))).toEqual(['granted', 'denied']);
  });
  it('says when the person decided at the latest: at the end of the day that it names', () => {
    expect(compileSignals([tcf(755)])({ tcString: TC_STRINGS.disclosed })[0]?.decidedBefore).toBe(Date.parse('2026-03-01T23:59:59.999Z'));
  });
  it('is found within a GPP string, where it is not given by itself', () => {
    const gppString = `DBABMA~${TC_STRINGS.before}`;
    expect(decisions({ gppString }, tcf(755))).toEqual(['granted']);
    expect(decisions({ gppString, tcString: TC_STRINGS.refused }, tcf(755))).toEqual(['denied']);
    expect(decisions({ gppString: 'DBABTA~1-Y-' }, tcf(755))).toEqual([]);
  });
  it.each([
    ['without disclosed vendors since they are due', TC_STRINGS.undisclosed], ['of version 1', 'BO2e4qiO2e4qiB9ABADEDS-AAAAxKABgACBiQA'], ['cut off', TC_STRINGS.disclosed.slice(0, 30)], ['with a broken segment', `${TC_STRINGS.before}.xx`],
    ['of other letters', 'Ć…'], ['of all letters', 'C'.repeat(20_000)], ['a number', 7], ['a list', [TC_STRINGS.before]],
  ])('a string that is %s cannot be read', (_name, tcString) => expect(decisions({ tcString }, tcf(755), tcf(null))).toEqual(['unreadable', 'unreadable']));
});

describe('IAB GPP', () => {
  it('refuses what any US section opts out of, and grants nothing', () => {
    expect(decisions({ gppString: 'DBABLA~CAAaAAAAAABA.QA' }, optOut('sale'))).toEqual(['denied']);
    expect(decisions({ gppString: 'DBABLA~CAAaAAAAAABA.QA' }, optOut('sharing'), optOut('targeted-advertising'), gpc)).toEqual([]);
    expect(decisions({ gppString: 'DBABTA~1-Y-' }, optOut('sale'))).toEqual(['denied']);
  });
  it.each(['garbage', 'DBABLA', 'DBABLA~!!!', 'DBACNYA~xx~yy', {}])('%j cannot be read, and neither can the GPC and the TCF within', (gppString) => {
    expect(decisions({ gppString }, optOut('sale'), tcf(755))).toEqual(['unreadable', 'unreadable']);
  });
});

describe('Google Consent Mode', () => {
  it('decides by the field that a row names', () => {
    expect(decisions({ consentMode: { ad_storage: 'denied', analytics_storage: 'granted' } }, mode('ad_storage'), mode('analytics_storage'))).toEqual(['denied', 'granted']);
    expect(decisions({ consentMode: { analytics_storage: 'granted' } }, mode('ad_storage'))).toEqual([]);
  });
  it.each([[{ ad_storage: true }], [{ ad_storage: 'GRANTED' }], ['granted'], [['granted']]])('%j cannot be read', (consentMode) => expect(decisions({ consentMode }, mode('ad_storage'))).toEqual(['unreadable']));
});

it.each([undefined, null, 'x', [], {}, { page: {} }])('finds nothing in a context of %j', (context) => expect(compileSignals([gpc, tcf(755)])(context as JsonValue)).toEqual([]));

it('takes rows that say what is read and whom it is for, and no others', () => {
  for (const row of [gpc, tcf(null), optOut('sale'), mode('ad_storage')]) expect(consentSignalSchema.safeParse(row).success).toBe(true);
  for (const row of [{ ...gpc, recipients: [] }, { ...gpc, recipients: ['anyone'] }, { ...gpc, purpose: 'no purpose' }, tcf(0), tcf(755, []), tcf(755, [25]), { ...gpc, more: 1 }]) expect(consentSignalSchema.safeParse(row).success).toBe(false);
});
