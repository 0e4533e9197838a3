import fc from 'fast-check';
import { allowsTracking, choicesNow, isAnswer, isInForce, type Answer, type ServedNotice } from './answer.js';
import type { AskedPurpose, PrivacyNotice } from './notice.js';

const DAY = 86_400_000;
const purpose = (key: string, own: Partial<AskedPurpose> = {}): AskedPurpose => ({ key, name: key, description: '', expiresAfterDays: null, isRefusedByGpc: false, ...own });
const notice = (own: Partial<PrivacyNotice> = {}): PrivacyNotice => ({
  agreementId: 'notice', version: 3, asksAgainBelow: 2, language: 'en', textHash: '', text: '', wordsLanguage: 'en', words: {} as PrivacyNotice['words'], asked: [purpose('analytics'), purpose('ads')], told: [], collectionKeys: ['analytics'], privacyUrl: '', ...own,
});
const served = (own: Partial<ServedNotice> = {}): Answer => answer({ served: { ...answer().served, ...own } });
const answer = (own: Partial<Answer> = {}): Answer => ({ served: { agreementId: 'notice', version: 2, textHash: '', language: 'en', surface: 'page', origin: 'https://shop.example' }, choices: { analytics: true, ads: false }, at: 0, hasGpc: false, isBySignal: false, ...own });
const holds = (own: Partial<Answer>, told: Partial<PrivacyNotice> = {}, moment = {}): boolean => isInForce(answer(own), notice(told), { now: 0, hasGpc: false, ...moment });

describe('a remembered answer', () => {
  it.each([
    ['to the newest material version', {}, {}, {}, true], ['to an older one', served({ version: 1 }), {}, {}, false], ['to another agreement', served({ agreementId: 'other' }), {}, {}, false],
    ['whose version cannot be read', served({ version: NaN }), {}, {}, false],
    ['before its yes expires', {}, { asked: [purpose('analytics', { expiresAfterDays: 1 })] }, { now: DAY - 1 }, true],
    ['when its yes has expired', {}, { asked: [purpose('analytics', { expiresAfterDays: 1 })] }, { now: DAY }, false],
    ['whose no is as old', { choices: { analytics: false } }, { asked: [purpose('analytics', { expiresAfterDays: 1 })] }, { now: DAY }, true],
    ['from before the browser said no by GPC', {}, {}, { hasGpc: true }, false], ['of a person who knew of GPC', { hasGpc: true }, {}, { hasGpc: true }, true],
    ['of a person, when GPC is gone', { hasGpc: true }, {}, {}, true], ['of GPC, when it is gone', { hasGpc: true, isBySignal: true }, {}, {}, false], ['of GPC', { hasGpc: true, isBySignal: true }, {}, { hasGpc: true }, true],
  ])('%s', (_which, own, told, moment, expected) => {
    expect(holds(own, told, moment)).toBe(expected);
  });

  it.each([[undefined], [null], [[]], ['x'], [{}], [{ served: { agreementId: 'a', version: 1 }, at: 0, choices: null }], [{ served: { agreementId: 'a', version: '1' }, at: 0, choices: {} }], [{ served: null, at: 0, choices: {} }]])('is none where the storage holds %j', (value) => {
    expect([isAnswer(value), isAnswer(answer())]).toEqual([false, true]);
  });
});

it('says no to all that was not said yes to, and tracking waits for its yes', () => {
  fc.assert(fc.property(fc.dictionary(fc.constantFrom('analytics', 'ads', 'other'), fc.oneof(fc.boolean(), fc.anything())), fc.boolean(), fc.boolean(), (chosen, hasGpc, isRefusedByGpc) => {
    const asked = [purpose('analytics'), purpose('ads', { isRefusedByGpc })];
    const now = choicesNow(chosen as Record<string, boolean>, notice({ asked }), hasGpc);
    expect(Object.keys(now)).toEqual(['analytics', 'ads']);
    expect(now.analytics).toBe(chosen.analytics === true);
    expect(now.ads).toBe(chosen.ads === true && !(hasGpc && isRefusedByGpc));
    expect(allowsTracking(now, notice())).toBe(now.analytics);
    expect([allowsTracking(now, notice({ collectionKeys: null })), allowsTracking(now, notice({ collectionKeys: ['not-asked'] }))]).toEqual([true, false]);
  }));
});
