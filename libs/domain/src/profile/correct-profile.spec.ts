import fc from 'fast-check';
import { correctFields } from './correct-profile.js';
import { disownIdentity, withoutDisowned } from './disown-identity.js';
import { fieldOf } from './field-of.js';
import { takeField } from './fold-record.js';
import { mergeProfiles } from './merge-profiles.js';
import { newProfile } from './new-profile.js';
import type { Profile, ProfileField } from './profile.js';
import { isWinning } from './winning-field.js';

const RANKS: Record<string, number> = { crm: 0, web: 1 };
const ownerRank = (_: string, source: string) => RANKS[source] ?? 9;
const start = (profileId = 'p'): Profile => newProfile({ workspaceId: 'w', profileId, subjectKey: profileId, seenAt: 0, now: 0 });
const T = 10;
const correct = (profile: Profile, field: string, value: string, now = T) => correctFields(profile, { [field]: value }, { correction: { by: 'person', reason: 'inaccurate' }, origin: `c${now}`, version: 1, now });

const said: fc.Arbitrary<ProfileField> = fc.record({ value: fc.constantFrom('a', 'b', 'c'), at: fc.integer({ min: T - 3, max: T + 3 }), source: fc.constantFrom('crm', 'web'), origin: fc.constantFrom('m1', 'm2'), version: fc.constant(1) });

it('holds against all that is of before, and is followed by the best of what is of later, in any order', () => {
  fc.assert(fc.property(fc.constantFrom('city', 'email'), fc.array(fc.tuple(said, fc.boolean()), { maxLength: 8 }), fc.nat(8), (field, given, cut) => {
    const all = given.map(([one, isVerified]): ProfileField => (field === 'email' && isVerified ? { ...one, isVerified: true } : one));
    const [before, after] = [all.slice(0, cut).filter(({ at }) => at <= T), all.slice(cut)];
    const profile = start();
    for (const one of before) takeField(profile, field, one, ownerRank);
    correct(profile, field, 'right');
    for (const one of after) takeField(profile, field, one, ownerRank);
    const later = after.filter(({ at, isVerified }) => at > T && (field === 'city' || isVerified === true)).reduce<ProfileField | undefined>((best, one) => (best === undefined || isWinning(one, best, field, ownerRank) ? one : best), undefined);
    expect(fieldOf(profile, field)).toMatchObject({ value: later?.value ?? 'right', correctedAt: T });
  }));
});

it('holds over a merge, whichever of the two it came to', () => {
  const [one, other] = [start('one'), start('other')];
  takeField(other, 'city', { value: 'wrong', at: T - 1, source: 'crm', origin: 'm', version: 1 }, ownerRank);
  correct(one, 'city', 'right');
  for (const [winner, loser] of [[one, other], [other, one]] as const) expect(fieldOf(mergeProfiles(winner, loser, { now: T, version: 2, ownerRank }), 'city')).toMatchObject({ value: 'right', correctedAt: T });
  // Of two corrections the later one counts, also against what came after the first.
  takeField(one, 'city', { value: 'moved', at: T + 1, source: 'web', origin: 'm', version: 1 }, ownerRank);
  correct(other, 'city', 'right again', T + 2);
  for (const [winner, loser] of [[one, other], [other, one]] as const) expect(fieldOf(mergeProfiles(winner, loser, { now: T, version: 2, ownerRank }), 'city')).toMatchObject({ value: 'right again', correctedAt: T + 2 });
});

it('tells which values are others now', () => {
  const profile = start();
  expect([correct(profile, 'city', 'x'), correct(profile, 'city', 'x', T + 1)]).toEqual([['city'], []]);
});

it('disowns an identity with the fields and proofs that hold it, and leaves it out of what names the person', () => {
  const profile = { ...start(), identities: [{ namespace: 'email', value: 'a@example.com' }, { namespace: 'userId', value: 'u' }], verifiedKeys: ['email|a@example.com', 'userId|u'] };
  takeField(profile, 'email', { value: 'A@example.com', at: 1, source: 'web', origin: 'm', version: 1, isVerified: true }, ownerRank);
  takeField(profile, 'city', { value: 'X', at: 1, source: 'web', origin: 'm', version: 1 }, ownerRank);
  expect(disownIdentity(profile, 'email|a@example.com')).toEqual(['email']);
  expect(profile).toMatchObject({ identities: [{ namespace: 'userId', value: 'u' }], verifiedKeys: ['userId|u'], disowned: ['email|a@example.com'] });
  expect(Object.keys(profile.fields)).toEqual(['city']);
  const record = { type: 'identify' as const, name: 'Profile Updated', messageId: 'm', occurredAt: 1, identities: [{ namespace: 'userId', value: 'u' }, { namespace: 'email', value: 'a@example.com' }], profile: { email: 'a@example.com', city: 'X' }, properties: {}, consents: {}, context: {}, flags: [] };
  expect(withoutDisowned(record, (key) => profile.disowned?.includes(key) === true)).toMatchObject({ identities: [{ namespace: 'userId', value: 'u' }], profile: { city: 'X' }, flags: ['identity-disowned:email'] });
  expect(withoutDisowned(record, () => false)).toBe(record);
});
