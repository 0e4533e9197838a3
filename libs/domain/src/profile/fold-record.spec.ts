import type { CanonicalRecord } from '../canonical/canonical-record.js';
import { fieldOf } from './field-of.js';
import { foldRecord, type FoldContext } from './fold-record.js';
import { newProfile } from './new-profile.js';
import { DAY_MS, utcDay } from './utc-day.js';

const NOW = Date.UTC(2026, 10, 24, 12);

function record(overrides: Partial<CanonicalRecord>): CanonicalRecord {
  return {
    type: 'track', name: 'Order Completed', messageId: 'm1', occurredAt: NOW, identities: [{ namespace: 'email', value: 'a@example.com' }],
    profile: {}, properties: {}, consents: {}, context: {}, flags: [], ...overrides,
  };
}

function setUp(overrides: Partial<FoldContext> = {}) {
  const profile = newProfile({ workspaceId: 'w', profileId: 'p', subjectKey: 'k', salt: 's', seenAt: NOW, now: NOW });
  const context: FoldContext = { now: NOW, version: 1, source: 'web', ownerRank: () => 0, activityKeysOf: ({ name }) => [name, '*'], ...overrides };
  const fold = (change: Partial<CanonicalRecord>, other: Partial<FoldContext> = {}) => foldRecord(profile, record(change), { ...context, ...other });
  return { profile, fold, value: (name: string) => fieldOf(profile, name)?.value };
}

describe('foldRecord', () => {
  it('stores a field with why it is there, under an encoded name', () => {
    const { profile, fold } = setUp();
    expect(fold({ profile: { 'custom.shoeSize': 42 } }, { version: 7 }).changedFields).toEqual(['custom.shoeSize']);
    expect(profile.fields).toEqual({ 'custom%2EshoeSize': { value: 42, at: NOW, source: 'web', origin: 'm1', version: 7 } });
    expect(profile.version).toBe(7);
  });

  it('lets the newer event win, whatever comes first', () => {
    const { fold, value } = setUp();
    fold({ profile: { city: 'Suzhou' } });
    expect(fold({ profile: { city: 'Shanghai' }, occurredAt: NOW - 1 }).changedFields).toEqual([]);
    expect(value('city')).toBe('Suzhou');
    expect(fold({ profile: { city: 'Wuxi' }, occurredAt: NOW + 1 }).changedFields).toEqual(['city']);
  });

  it('lets the owner win over the newer', () => {
    const { fold, value } = setUp({ ownerRank: (field, source) => (field === 'city' && source === 'crm' ? 0 : 1) });
    fold({ profile: { city: 'Suzhou' } }, { source: 'crm' });
    fold({ profile: { city: 'Wuxi' }, occurredAt: NOW + DAY_MS }, { source: 'web' });
    expect(value('city')).toBe('Suzhou');
  });

  it('decides between events of one time by the greater messageId', () => {
    const { fold, value } = setUp();
    fold({ profile: { city: 'Suzhou' }, messageId: 'm2' });
    fold({ profile: { city: 'Wuxi' }, messageId: 'm1' });
    expect(value('city')).toBe('Suzhou');
  });

  it('unsets by null, and keeps an older value out', () => {
    const { fold, value } = setUp();
    fold({ profile: { city: 'Suzhou' } });
    expect(fold({ profile: { city: null }, occurredAt: NOW + 2 }).changedFields).toEqual(['city']);
    fold({ profile: { city: 'Wuxi' }, occurredAt: NOW + 1 });
    expect(value('city')).toBeNull();
    expect(fold({ profile: { nickname: null } }).changedFields).toEqual([]);
  });

  it('does not call the same value from a newer event a change, but keeps its origin', () => {
    const { profile, fold } = setUp();
    fold({ profile: { address: { city: 'Suzhou', country: 'CN' } } });
    expect(fold({ profile: { address: { country: 'CN', city: 'Suzhou' } }, messageId: 'm2' }, { version: 2 }).changedFields).toEqual([]);
    expect(profile.fields['address']).toMatchObject({ origin: 'm2', version: 2 });
  });

  it('counts by key and UTC day', () => {
    const { profile, fold } = setUp();
    expect(fold({}).activityKeys).toEqual(['Order Completed', '*']);
    fold({ name: 'Page Viewed', occurredAt: NOW - DAY_MS });
    fold({ occurredAt: NOW + 1 });
    expect(profile.activity).toEqual({
      'Order Completed': { first: NOW, last: NOW + 1, total: 2, days: { '2026-11-24': 2 } },
      'Page Viewed': { first: NOW - DAY_MS, last: NOW - DAY_MS, total: 1, days: { '2026-11-23': 1 } },
      '*': { first: NOW - DAY_MS, last: NOW + 1, total: 3, days: { '2026-11-23': 1, '2026-11-24': 2 } },
    });
    expect(profile).toMatchObject({ firstSeenAt: NOW - DAY_MS, lastSeenAt: NOW + 1 });
  });

  it('counts an event over 400 days old in total only, and drops days that have grown so old', () => {
    const { profile, fold } = setUp();
    fold({ occurredAt: NOW - 401 * DAY_MS });
    fold({ occurredAt: NOW - 400 * DAY_MS });
    expect(profile.activity['*']).toEqual({ first: NOW - 401 * DAY_MS, last: NOW - 400 * DAY_MS, total: 2, days: { [utcDay(NOW - 400 * DAY_MS)]: 1 } });
    fold({ occurredAt: NOW + DAY_MS }, { now: NOW + DAY_MS });
    expect(profile.activity['*']).toMatchObject({ total: 3 });
    expect(profile.activity['*']?.days).toEqual({ '2026-11-25': 1 });
  });

  it('unites identities and tells which are new', () => {
    const { profile, fold } = setUp();
    const [email, phone] = [{ namespace: 'email', value: 'a@example.com' }, { namespace: 'phone', value: '+8613800000000' }];
    fold({ identities: [phone] });
    expect(fold({ identities: [phone, email, email] }).addedIdentities).toEqual([email]);
    expect(profile.identities).toEqual([email, phone]);
  });

  it('is not confused by names that every object has', () => {
    const { profile, fold, value } = setUp();
    fold({ name: 'constructor', profile: { toString: 'x' } });
    expect(profile.activity['constructor']?.total).toBe(1);
    expect(value('toString')).toBe('x');
  });
});
