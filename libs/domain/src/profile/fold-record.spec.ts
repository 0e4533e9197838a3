import type { CanonicalRecord } from '../canonical/canonical-record.js';
import { fieldOf } from './field-of.js';
import { foldRecord, type FoldContext } from './fold-record.js';
import { newProfile } from './new-profile.js';
import { releaseIdentity } from './release-identity.js';
import { DAY_MS, utcDay } from './utc-day.js';

const NOW = Date.UTC(2026, 10, 24, 12);

function record(overrides: Partial<CanonicalRecord>): CanonicalRecord {
  return {
    type: 'track', name: 'Order Completed', messageId: 'm1', occurredAt: NOW, identities: [{ namespace: 'email', value: 'a@example.com' }],
    profile: {}, properties: {}, consents: {}, context: {}, flags: [], ...overrides,
  };
}

function setUp(overrides: Partial<FoldContext> = {}) {
  const profile = newProfile({ workspaceId: 'w', profileId: 'p', subjectKey: 'k', seenAt: NOW, now: NOW });
  const context: FoldContext = { now: NOW, version: 1, source: 'web', isVerified: false, foreignKeys: new Set(), ownerRank: () => 0, activityKeysOf: ({ name }) => [name, '*'], ...overrides };
  const fold = (change: Partial<CanonicalRecord>, other: Partial<FoldContext> = {}) => foldRecord(profile, record(change), { ...context, ...other });
  return { profile, fold, value: (name: string) => fieldOf(profile, name)?.value };
}

describe('a field that names an identity', () => {
  const later = { occurredAt: NOW + 1, messageId: 'm2' };

  it('is not replaced nor unset by an unverified record, however new, and other traits are', () => {
    const { fold, value } = setUp();
    fold({ profile: { email: 'a@example.com', phone: '+8613912345678', city: 'Rome' } }, { isVerified: true });
    expect(fold({ ...later, profile: { email: 'b@example.com', phone: null, city: 'Oslo' } }).changedFields).toEqual(['city']);
    expect([value('email'), value('phone'), value('city')]).toEqual(['a@example.com', '+8613912345678', 'Oslo']);
    fold({ ...later, messageId: 'm3', profile: { email: 'c@example.com' } }, { isVerified: true });
    expect(value('email')).toBe('c@example.com');
  });

  it('goes to a verified record that is older, and of a source that owns it less', () => {
    const { fold, value } = setUp({ ownerRank: (_field, source) => (source === 'web' ? 0 : 1) });
    fold({ ...later, profile: { email: 'b@example.com' } });
    fold({ profile: { email: 'a@example.com' } }, { isVerified: true, source: 'crm' });
    expect(value('email')).toBe('a@example.com');
  });

  it('is not filled with what belongs to another person, nor does that become an identity', () => {
    const { profile, fold, value } = setUp();
    const identities = [{ namespace: 'email', value: 'eve@example.com' }, { namespace: 'userId', value: 'u1' }];
    const changes = fold({ identities, profile: { email: 'eve@example.com', city: 'Rome' } }, { foreignKeys: new Set(['email|eve@example.com']) });
    expect(changes).toMatchObject({ changedFields: ['city'], addedIdentities: [{ namespace: 'userId', value: 'u1' }] });
    expect([value('email'), profile.identities]).toEqual([undefined, [{ namespace: 'userId', value: 'u1' }]]);
  });

  it('goes with the claim that brought it, unless a verified record brought it', () => {
    const { profile, fold, value } = setUp();
    fold({ identities: [{ namespace: 'email', value: 'eve@example.com' }], profile: { email: 'Eve@example.com', city: 'Rome' } });
    expect(releaseIdentity(profile, 'email|other@example.com')).toEqual([]);
    expect(releaseIdentity(profile, 'email|eve@example.com')).toEqual(['email']);
    expect([value('email'), value('city'), profile.identities]).toEqual([undefined, 'Rome', []]);
    fold({ ...later, profile: { email: 'eve@example.com' } }, { isVerified: true });
    expect(releaseIdentity(profile, 'email|eve@example.com')).toEqual([]);
    expect(value('email')).toBe('eve@example.com');
  });
});

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
