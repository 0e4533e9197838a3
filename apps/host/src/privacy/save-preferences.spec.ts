import { PURPOSE_DEFAULTS, UNKNOWN_SUBJECT, type ConsentState, type Purpose } from '@firsthand/domain';
import { channelSwitches, preferenceSwitches, readShown, shownAs, type PreferenceSwitch } from './privacy-preferences.js';
import { changesOf, wantedOf } from './save-preferences.js';

const purpose = (key: string, lawfulBasis: Purpose['lawfulBasis'] = 'consent'): Purpose => ({
  key, name: { en: key }, description: {}, lawfulBasis, fields: ['*'], ...PURPOSE_DEFAULTS, separateConsent: ['third-party'], expiresAfterDays: null,
});
const agreement = { agreementId: 'notice', version: 2, language: 'en', text: 'We ask.' };
const marketing = purpose('marketing');
const switchOf = (part: 'own' | 'third-party', isOn: boolean): PreferenceSwitch => ({ id: part, purpose: marketing, isInterest: false, part, isOn, canGrant: true, validUntil: null, agreement });
const grantsOf = (changes: ReturnType<typeof changesOf>) => [...changes.grants.values()].flatMap(({ decisions }) => decisions.map(({ recipients }) => recipients));

describe('what a saved form changes', () => {
  it('is nothing when nothing changed', () => {
    const changes = changesOf([switchOf('own', true), switchOf('third-party', false)], (id) => id === 'own');
    expect(changes.refusals).toEqual([]);
    expect(changes.grants.size).toBe(0);
  });

  it('grants only the part that was switched on', () => {
    const changes = changesOf([switchOf('own', false), switchOf('third-party', false)], (id) => id === 'own');
    expect(changes.refusals).toEqual([]);
    expect(grantsOf(changes)).toEqual([['own', 'processor']]);
    expect([...changes.grants.values()][0]?.agreement).toEqual({ agreementId: 'notice', version: 2, language: 'en' });
  });

  it('withdraws the part that was switched off, and leaves the other alone', () => {
    const changes = changesOf([switchOf('own', true), switchOf('third-party', true)], (id) => id === 'own');
    expect(changes.refusals).toEqual([{ purpose: 'marketing', decision: 'withdrawn', recipients: ['third-party'] }]);
    expect(grantsOf(changes)).toEqual([]);
    expect(changesOf([switchOf('own', true), switchOf('third-party', true)], (id) => id === 'third-party').refusals[0]?.recipients).toEqual(['own', 'processor']);
  });

  it('withdraws from all where nothing stays on', () => {
    expect(changesOf([switchOf('own', true), switchOf('third-party', false)], () => false).refusals[0]?.recipients).toEqual(['own', 'processor', 'third-party']);
    expect(changesOf([switchOf('own', true)], () => false).refusals[0]?.recipients).toEqual(['own', 'processor', 'third-party']);
  });

  it('objects to a legitimate interest', () => {
    const care = { ...switchOf('own', true), purpose: purpose('care', 'legitimate'), isInterest: true };
    expect(changesOf([care], () => false).refusals).toEqual([expect.objectContaining({ purpose: 'care', decision: 'objected' })]);
  });
});

describe('a form that comes back', () => {
  /** What is wanted of one switch, shown in one way, that stands in another by now. */
  const wanted = (shown: PreferenceSwitch | undefined, now: PreferenceSwitch, isTicked: boolean) => {
    const { wanted: all, isOutdated } = wantedOf([now], { isOn: () => isTicked, shownOf: () => (shown === undefined ? undefined : readShown(shownAs(shown))) });
    return { isOn: all.has(now.id), isOutdated };
  };
  const newer = { ...agreement, version: 3 };

  it('says what the person has turned', () => {
    expect(wanted(switchOf('own', false), switchOf('own', false), true)).toEqual({ isOn: true, isOutdated: false });
    expect(wanted(switchOf('own', true), switchOf('own', true), false)).toEqual({ isOn: false, isOutdated: false });
  });

  it('says nothing of what they left as it was shown, whatever stands by now', () => {
    expect(wanted(switchOf('own', true), switchOf('own', false), true)).toEqual({ isOn: false, isOutdated: false });
    expect(wanted(switchOf('own', false), switchOf('own', true), false)).toEqual({ isOn: true, isOutdated: false });
  });

  it('is no yes to a text that was not shown, and a no whatever was shown', () => {
    expect(wanted(switchOf('own', false), { ...switchOf('own', false), agreement: newer }, true)).toEqual({ isOn: false, isOutdated: true });
    expect(wanted(switchOf('own', true), { ...switchOf('own', true), agreement: newer }, false)).toEqual({ isOn: false, isOutdated: false });
  });

  it('says nothing of a switch that its page did not have, and is out of date when that is so of all', () => {
    expect(wanted(undefined, switchOf('own', true), false)).toEqual({ isOn: true, isOutdated: true });
    const [shown, added] = [switchOf('own', false), { ...switchOf('own', true), id: 'new' }];
    const { wanted: all, isOutdated } = wantedOf([shown, added], { isOn: (id) => id === 'own', shownOf: (id) => (id === 'own' ? readShown(shownAs(shown)) : undefined) });
    expect([all.has(shown.id), all.has(added.id), isOutdated]).toEqual([true, true, false]);
  });

  it.each(['', '1', '[true]', '[1,null]', '[true,"a"', '[true,{}]', undefined, ['[true,null]']])('shows nothing by %p', (text) => {
    expect(readShown(text)).toBeUndefined();
  });
});

describe('the switches', () => {
  const configuration = (...purposes: Purpose[]) => ({ purposes: new Map(purposes.map((one) => [one.key, one])), agreements: new Map(), sensitivePaths: ['profile.custom.allergies'] }) as never;

  it('are there for what a person can decide, and cannot be turned on without a text to agree to', () => {
    const found = preferenceSwitches(configuration(marketing, { ...purpose('orders', 'contract'), ...PURPOSE_DEFAULTS, separateConsent: [] }, purpose('care', 'legitimate')), { state: undefined, subject: UNKNOWN_SUBJECT }, 'en', 0);
    expect(found.map(({ purpose: { key }, part, isOn, canGrant }) => [key, part, isOn, canGrant])).toEqual([
      ['marketing', 'own', false, false], ['marketing', 'third-party', false, false], ['care', 'own', true, false], ['care', 'third-party', false, false],
    ]);
  });

  it('are called by their purpose, whatever others there are', () => {
    const idsOf = (...purposes: Purpose[]) => preferenceSwitches(configuration(...purposes), { state: undefined, subject: UNKNOWN_SUBJECT }, 'en', 0).filter(({ purpose: { key } }) => key === 'marketing').map(({ id }) => id);
    expect(idsOf(purpose('ads'), marketing)).toEqual(idsOf(marketing));
  });

  it('ask for sensitive data only where the purpose uses any, and for a child only of one', () => {
    const careful = { ...marketing, separateConsent: ['sensitive' as const, 'minor' as const] };
    const partsOf = (one: Purpose, birthday: string | null): string[] => preferenceSwitches(configuration(one), { state: undefined, subject: { ...UNKNOWN_SUBJECT, birthday } }, 'en', Date.UTC(2026, 10, 24)).map(({ part }) => part);
    expect(partsOf(careful, null)).toEqual(['own', 'sensitive']);
    expect(partsOf({ ...careful, fields: ['profile.email'] }, '2020-01-01')).toEqual(['own', 'minor']);
  });

  it('stand for the channels that purposes of choice use, on until the person turns one off', () => {
    const destinations = new Map([['ads', { destinations: { audience: { channel: 'ads' } } }], ['crm', { destinations: { upsert: {} } }]]);
    const flows = [{ compiled: { definition: { steps: [{ type: 'deliver', channel: 'email' }, { type: 'deliver', channel: 'fax' }] } } }];
    const workspace = { ...(configuration(marketing, { ...purpose('orders', 'contract'), channels: ['fax'] }) as object), destinations, flows } as never;
    const state = { '*': { ads: { decision: 'denied' } } } as unknown as ConsentState;
    expect(channelSwitches(workspace, { state, subject: UNKNOWN_SUBJECT }).map(({ id, isOn }) => [id, isOn])).toEqual([['channel-ads', false], ['channel-email', true]]);
  });
});
