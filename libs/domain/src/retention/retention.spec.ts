import fc from 'fast-check';
import type { CanonicalRecord } from '../canonical/canonical-record.js';
import { PURPOSE_DEFAULTS, type ConsentDecision, type ConsentState, type Purpose } from '../consent/consent.js';
import { UNKNOWN_SUBJECT } from '../consent/data-subject.js';
import { bumpActivity } from '../profile/fold-activity.js';
import { newProfile } from '../profile/new-profile.js';
import type { Profile } from '../profile/profile.js';
import { DAY_MS, utcDay } from '../profile/utc-day.js';
import { forgetProfile, nextEnd } from './forget-profile.js';
import { forgetRecord } from './forget-record.js';
import { endOfDays, keptSince } from './kept-days.js';
import { keptFor } from './kept-for.js';
import { personRetention } from './person-retention.js';
import { compileRetention, REFUSED_DAYS } from './retention-rules.js';

const NOON = Date.UTC(2026, 10, 24, 12);
const purpose = (key: string, retentionDays: number | null, fields: string[], more: Partial<Purpose> = {}): Purpose => ({ key, name: {}, description: {}, lawfulBasis: 'consent', fields, expiresAfterDays: null, ...PURPOSE_DEFAULTS, retentionDays, ...more });
const decided = (decision: ConsentDecision, effectiveAt: number, purposeKey = 'ads'): ConsentState => ({
  [purposeKey]: { own: { decision, recordId: 'r', agreementId: null, agreementVersion: null, textHash: null, method: 'toggle', effectiveAt, recordedAt: effectiveAt } },
});
const named = (own: Record<string, number>, by: 'path' | 'name') => Object.entries(own).map(([name, retentionDays]) => ({ [by]: name, retentionDays, isCustom: true })) as never;
const rulesOf = (purposes: Purpose[], own: Record<string, number> = {}, events: Record<string, number> = {}) => compileRetention(purposes, { fields: named(own, 'path'), events: named(events, 'name') });
const retention = (purposes: Purpose[], consents: ConsentState = {}, own: Record<string, number> = {}, events: Record<string, number> = {}) => personRetention(rulesOf(purposes, own, events), consents, UNKNOWN_SUBJECT);
const day = (days: number): number => NOON + days * DAY_MS;

describe('for how long data is kept', () => {
  const PATHS = ['profile.email', 'profile.city', 'profile.custom.shoeSize', 'event', 'event.context.ip', 'event.properties.custom.mood'];
  const patterns = fc.uniqueArray(fc.constantFrom('*', 'profile.*', 'profile.email', 'event.*', 'event.context.*', 'event.properties.*'), { minLength: 1, maxLength: 3 });
  const days = fc.option(fc.integer({ min: 1, max: 900 }), { nil: null });

  it('is in days what comes to an end for somebody who has refused nothing', () => {
    fc.assert(fc.property(fc.array(fc.tuple(days, patterns), { maxLength: 4 }), fc.option(fc.integer({ min: 1, max: 900 }), { nil: undefined }), fc.constantFrom(...PATHS), fc.integer({ min: 0, max: 2_000 }), (given, own, path, age) => {
      const purposes = given.map(([retentionDays, fields], index) => purpose(`p${index}`, retentionDays, fields));
      const rules = rulesOf(purposes, own === undefined ? {} : { 'profile.custom.shoeSize': own });
      const kept = keptFor(rules, path);
      expect(personRetention(rules, {}, UNKNOWN_SUBJECT).until(path, day(-age))).toBe(endOfDays(day(-age), kept.days));
    }));
  });

  it('is said by the purposes that keep it for the longest, and ends no later than the workspace has set for a field of its own, in an event too', () => {
    const rules = rulesOf([purpose('ads', 30, ['*']), purpose('service', 90, ['profile.email']), purpose('law', 90, ['profile.*'])], { 'properties.custom.mood': 10 });
    expect(['profile.email', 'profile.city', 'event.context.ip', 'event.properties.custom.mood'].map((path) => keptFor(rules, path))).toEqual([
      { days: 90, by: ['service', 'law'] }, { days: 90, by: ['law'] }, { days: 30, by: ['ads'] }, { days: 10, by: ['ads'] },
    ]);
    const at = day(-20);
    expect(forgetRecord({ type: 'track', name: 'n', messageId: 'm', occurredAt: at, identities: [], profile: {}, properties: { custom: { mood: 'good' }, sku: 's' }, consents: {}, context: {}, flags: [] } as CanonicalRecord, personRetention(rules, {}, UNKNOWN_SUBJECT), NOON)?.properties).toEqual({ sku: 's' });
    expect(keptFor(rulesOf([]), 'profile.email')).toEqual({ days: null, by: [] });
  });
});

describe('until when data is kept', () => {
  it('does not count the day on which it was collected, and ends at midnight UTC', () => {
    expect(new Date(endOfDays(NOON, 1)).toISOString()).toBe('2026-11-26T00:00:00.000Z');
  });

  it('is the longest that a purpose says which covers it', () => {
    const kept = retention([purpose('ads', 30, ['profile.*']), purpose('service', 90, ['profile.email'])]);
    expect(kept.until('profile.email', NOON)).toBe(endOfDays(NOON, 90));
    expect(kept.until('profile.city', NOON)).toBe(endOfDays(NOON, 30));
  });

  it('has no end where a purpose that covers it says none', () => {
    expect(retention([purpose('ads', 30, ['*']), purpose('service', null, ['*'])]).until('profile.email', NOON)).toBe(Infinity);
  });

  it('is the least that anything says where nothing covers it, and no end where nothing says anything', () => {
    expect(retention([purpose('ads', 30, ['profile.*']), purpose('service', 90, ['profile.*'])]).until('event.context.ip', NOON)).toBe(endOfDays(NOON, 30));
    expect(retention([purpose('ads', null, ['profile.*'])]).until('event.context.ip', NOON)).toBe(Infinity);
  });

  it('is no longer than the workspace has set for a field of its own', () => {
    const kept = retention([purpose('ads', 90, ['*'])], {}, { 'profile.custom.shoeSize': 10 });
    expect(kept.until('profile.custom.shoeSize', NOON)).toBe(endOfDays(NOON, 10));
    expect(kept.until('profile.city', NOON)).toBe(endOfDays(NOON, 90));
  });

  it('comes soon for what only a refused purpose keeps, and is another purpose’s where there is one', () => {
    const refused = decided('withdrawn', day(5));
    const alone = retention([purpose('ads', null, ['*'])], refused);
    expect(alone.until('profile.email', NOON)).toBe(endOfDays(day(5), REFUSED_DAYS));
    expect(alone.until('profile.email', day(50))).toBe(endOfDays(day(50), REFUSED_DAYS));
    expect(retention([purpose('ads', null, ['*']), purpose('service', 400, ['*'], { lawfulBasis: 'contract' })], refused).until('profile.email', NOON)).toBe(endOfDays(NOON, 400));
  });

  it('does not rest on what the person wants where the purpose does not', () => {
    expect(retention([purpose('ads', 90, ['*'], { lawfulBasis: 'contract' })], decided('objected', NOON)).until('profile.email', NOON)).toBe(endOfDays(NOON, 90));
    expect(retention([purpose('ads', 90, ['*'], { lawfulBasis: 'legitimate' })], decided('objected', NOON)).until('profile.email', NOON)).toBe(endOfDays(NOON, REFUSED_DAYS));
  });

  it('does not come while the use of the data is restricted', () => {
    expect(retention([purpose('ads', 1, ['*'])], { ...decided('withdrawn', NOON), ...decided('denied', NOON, '*') }).until('profile.email', NOON)).toBe(Infinity);
  });

  it('does not come for a child’s date of birth before the child is 14', () => {
    const kept = personRetention(rulesOf([purpose('ads', 30, ['*'])]), {}, { country: 'CN', birthday: '2015-01-01', age: null });
    expect(kept.keptSince('profile.birthday', day(100))).toBe(-Infinity);
    expect(kept.keptSince('profile.birthday', Date.UTC(2030, 0, 1))).toBe(keptSince(Date.UTC(2030, 0, 1), 30));
    expect(new Date(kept.until('profile.birthday', NOON)).toISOString()).toMatch(/^2029-01-01/);
  });
});

const PATHS = ['profile.email', 'profile.city', 'profile.custom.size', 'event', 'event.properties.price', 'event.order.total', 'event.context.ip'];
const anyDays = fc.option(fc.integer({ min: 1, max: 500 }));
const anyPurpose = fc.record({
  key: fc.constantFrom('ads', 'service'), days: anyDays, fields: fc.subarray(['*', 'profile.*', 'profile.email', 'event.*', 'event.properties.*', 'event.order.total']), basis: fc.constantFrom('consent', 'contract', 'legitimate'),
}).map(({ key, days, fields, basis }) => purpose(key, days, fields, { lawfulBasis: basis as Purpose['lawfulBasis'] }));
const anyMoment = fc.integer({ min: 0, max: 900 * 24 }).map((hours) => NOON - hours * 3_600_000);
const anyConsents = fc.option(fc.record({ decision: fc.constantFrom('granted', 'denied', 'withdrawn', 'objected'), at: anyMoment, key: fc.constantFrom('ads', 'service') }), { nil: null })
  .map((one) => (one === null ? {} : decided(one.decision as ConsentDecision, one.at, one.key)));
const anyRetention = fc.record({ purposes: fc.array(anyPurpose, { maxLength: 3 }), consents: anyConsents, own: fc.option(fc.integer({ min: 1, max: 500 })) })
  .map(({ purposes, consents, own }) => ({ purposes, consents, kept: retention(purposes, consents, own === null ? {} : { 'profile.custom.size': own }) }));

describe('until when data is kept, whatever the purposes', () => {
  it('says the same asked forwards and backwards', () => {
    fc.assert(fc.property(anyRetention, fc.constantFrom(...PATHS), anyMoment, ({ kept }, path, at) => {
      expect(at >= kept.keptSince(path, NOON)).toBe(NOON < kept.until(path, at));
    }), { numRuns: 2_000 });
  });

  it('is never later for one purpose less, or for a refusal more', () => {
    fc.assert(fc.property(anyRetention, fc.constantFrom(...PATHS), anyMoment, ({ purposes, consents, kept }, path, at) => {
      const covering = kept.rules.keeping(path);
      fc.pre(covering.length > 1);
      expect(retention(purposes.filter((one) => one !== covering[0]), consents).until(path, at)).toBeLessThanOrEqual(retention(purposes, consents).until(path, at));
      expect(retention(purposes, decided('withdrawn', at, 'ads')).until(path, at)).toBeLessThanOrEqual(retention(purposes).until(path, at));
    }), { numRuns: 1_000 });
  });

  it('is for a profile what it is for the events it was counted from', () => {
    fc.assert(fc.property(anyRetention, fc.array(fc.integer({ min: 0, max: 399 * 24 }).map((hours) => NOON - hours * 3_600_000), { maxLength: 8 }), ({ kept }, times) => {
      const profile: Profile = newProfile({ workspaceId: 'w', profileId: 'p', subjectKey: 's', seenAt: NOON, now: NOON });
      for (const at of times) bumpActivity(profile.activity, ['Viewed', { key: 'Viewed#t', amount: 10_000, isTimed: true }], at, NOON);
      profile.fields.city = { value: 'Lima', at: times[0] ?? NOON, source: 's', origin: 'm', version: 1 };
      const others = times.slice(1).map((at, index) => ({ value: 'Cusco', at, source: `s${index}`, origin: 'm', version: 1 }));
      if (others.length > 0) profile.candidates = { city: others };
      const before = structuredClone(profile);
      const { profile: left, fields } = forgetProfile(profile, kept, NOON);
      expect(profile).toEqual(before);
      const alive = times.filter((at) => forgetRecord(recordAt(at), kept, NOON) !== null);
      expect(left.activity.Viewed?.total ?? 0).toBe(alive.length);
      expect(left.activity['Viewed#t']?.total ?? 0).toBe(left.activity['Viewed#t']?.times === undefined ? 0 : times.filter((at) => kept.rules.eventPaths.every((path) => at >= kept.keptSince(path, NOON))).length);
      expect(fields.includes('city')).toBe(left.fields.city === undefined);
      expect(left.candidates?.city ?? []).toEqual(others.filter(({ at }) => at >= kept.keptSince('profile.city', NOON)));
      // What is left has its end ahead, and forgetting again finds nothing.
      expect(nextEnd(left, kept) ?? Infinity).toBeGreaterThan(NOON);
      for (const { at } of left.candidates?.city ?? []) expect(nextEnd(left, kept) ?? Infinity).toBeLessThanOrEqual(kept.until('profile.city', at));
      expect(forgetProfile(left, kept, NOON).profile).toBe(left);
    }), { numRuns: 1_000 });
  });
});

describe('events of a name of the workspace’s own', () => {
  const NAMES = ['Viewed', 'Scanned'] as const;
  const happened = fc.array(fc.record({ name: fc.constantFrom(...NAMES), at: fc.integer({ min: 0, max: 399 * 24 }).map((hours) => NOON - hours * 3_600_000) }), { maxLength: 12 });

  it('end after their days, whatever purposes keep them for, and count nowhere then', () => {
    fc.assert(fc.property(fc.array(anyPurpose, { maxLength: 2 }), anyConsents, fc.dictionary(fc.constantFrom(...NAMES), fc.integer({ min: 1, max: 400 })), happened, (purposes, consents, events, all) => {
      const kept = retention(purposes, consents, {}, events);
      const profile: Profile = newProfile({ workspaceId: 'w', profileId: 'p', subjectKey: 's', seenAt: NOON, now: NOON });
      for (const { name, at } of all) bumpActivity(profile.activity, [name, '*', `${name}#t`, '*#t'], at, NOON);
      const { profile: left } = forgetProfile(profile, kept, NOON);
      const alive = all.filter(({ name, at }) => forgetRecord({ ...recordAt(at), name }, kept, NOON) !== null);
      const recount: Profile['activity'] = {};
      for (const { name, at } of alive) bumpActivity(recount, [name, '*'], at, NOON);
      for (const key of [...NAMES, '*']) expect([key, left.activity[key]?.total, left.activity[key]?.days]).toEqual([key, recount[key]?.total, recount[key]?.days]);
      for (const { first, last, days } of Object.values(left.activity)) {
        expect([utcDay(first), utcDay(last)]).toEqual([Object.keys(days).sort()[0], Object.keys(days).sort().at(-1)]);
      }
      // Which of any event is of which name such a counter does not know.
      const narrowest = Math.max(...kept.rules.eventPaths.map((path) => kept.keptSince(path, NOON)), ...(kept.isUnlimited ? [] : Object.values(events).map((own) => keptSince(NOON, own))));
      expect(left.activity['*#t']?.total ?? 0).toBe(all.filter(({ at }) => at >= narrowest).length);
      expect(nextEnd(left, kept) ?? Infinity).toBeGreaterThan(NOON);
      expect(forgetProfile(left, kept, NOON).profile).toBe(left);
    }), { numRuns: 2_000 });
  });

  it('have no days of their own where only a standard one has them, and stay while the use of the data is restricted', () => {
    expect(rulesOf([]).ownEventDays.size).toBe(0);
    const restricted = retention([], decided('denied', NOON, '*'), {}, { Viewed: 1 });
    expect(forgetRecord(recordAt(day(-50)), restricted, NOON)).not.toBeNull();
    expect(rulesOf([], {}, { Viewed: 30 })).toMatchObject({ isUnlimited: false, eventDays: [30] });
  });
});

function recordAt(occurredAt: number): CanonicalRecord {
  return { type: 'track', name: 'Viewed', messageId: 'm', occurredAt, identities: [], profile: {}, properties: { price: 1 }, order: { total: 2 } as never, consents: {}, context: { ip: '203.0.113.7' }, flags: [] };
}

describe('what is left of a record', () => {
  const kept = retention([purpose('ads', 30, ['event.properties.*']), purpose('service', 90, ['event.order.*'])]);

  it('is all of it before anything has ended', () => {
    const record = recordAt(NOON);
    expect(forgetRecord(record, kept, NOON)).toBe(record);
  });

  it('is what a purpose keeps still', () => {
    const left = forgetRecord(recordAt(NOON), kept, day(40));
    expect(left).toMatchObject({ name: 'Viewed', order: { total: 2 }, properties: {}, context: {} });
  });

  it('is nothing when the last purpose keeps it no more', () => {
    expect(forgetRecord(recordAt(NOON), kept, endOfDays(NOON, 90))).toBeNull();
  });
});
