import fc from 'fast-check';
import { createDictionary } from '../canonical/create-dictionary.js';
import { correctFields } from './correct-profile.js';
import { disownIdentity } from './disown-identity.js';
import { MAX_CANDIDATES, othersOf, type FieldsOfProfile } from './field-candidates.js';
import { fieldOf } from './field-of.js';
import { takeField } from './fold-record.js';
import { newProfile } from './new-profile.js';
import type { Profile, ProfileField } from './profile.js';
import { redecideFields } from './redecide-fields.js';
import { releaseIdentity } from './release-identity.js';
import { settleFields } from './settle-fields.js';
import { encodeStoredKey } from './stored-key.js';
import { MAY_NOT_WRITE, type OwnerRank } from './winning-field.js';

const crmFirst: OwnerRank = (_field, source) => (source === 'crm' ? 0 : 1);
const notTheCrm: OwnerRank = Object.assign((_field: string, source: string) => (source === 'crm' ? MAY_NOT_WRITE : 0), { refusesSome: true });
const said = (source: string, value: string, at: number, more: Partial<ProfileField> = {}): ProfileField => ({ value, at, source, origin: `${source}-${at}`, version: 1, ...more });
function person(field: string, ...all: ProfileField[]): Profile {
  const profile = newProfile({ workspaceId: 'w', profileId: 'p', subjectKey: 'k', seenAt: 0, now: 0 });
  for (const one of all) takeField(profile, field, one, crmFirst);
  return profile;
}
const others = (profile: FieldsOfProfile, field: string) => (othersOf(profile, encodeStoredKey(field)) ?? []).map(({ source, value }) => [source, value]);

describe('what loses', () => {
  it('is kept beside the winner, the last word of each source, and not at all where one source says everything', () => {
    expect(person('city', said('web', 'a', 1), said('web', 'b', 2)).candidates).toBeUndefined();
    const profile = person('city', said('crm', 'a', 1), said('web', 'b', 2), said('web', 'c', 3), said('web', 'd', 1), said('store', 'e', 2));
    expect([fieldOf(profile, 'city')?.value, others(profile, 'city')]).toEqual(['a', [['web', 'c'], ['store', 'e']]]);
  });

  it('is bounded, and what is kept does not depend on the order in which it came', () => {
    const all = Array.from({ length: 30 }, (_, index) => said(`s${index}`, `v${index}`, index % 7));
    fc.assert(fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (shuffled) => {
      const [one, other] = [person('city', ...all), person('city', ...shuffled)];
      expect(one.candidates?.city).toHaveLength(MAX_CANDIDATES);
      expect([other.fields, other.candidates]).toEqual([one.fields, one.candidates]);
    }));
  });

  it('wins once nobody is left before it, or the one that won may not write any more, and gives way again', () => {
    const profile = person('city', said('crm', 'a', 1), said('web', 'b', 2));
    const refused = redecideFields(profile, notTheCrm);
    expect([fieldOf(refused.profile, 'city')?.value, others(refused.profile, 'city'), refused.fields]).toEqual(['b', [['crm', 'a']], ['city']]);
    expect(fieldOf(redecideFields(refused.profile, crmFirst).profile, 'city')?.value).toBe('a');
    const alone = redecideFields(person('city', said('crm', 'a', 1)), notTheCrm);
    expect([alone.profile.fields, others(alone.profile, 'city'), alone.fields]).toEqual([{}, [['crm', 'a']], ['city']]);
    expect(redecideFields(alone.profile, crmFirst)).toMatchObject({ profile: { fields: { city: { value: 'a' } } }, fields: ['city'] });
    expect(redecideFields(alone.profile, crmFirst).profile.candidates).toBeUndefined();
  });

  it('is forgotten with a correction, which comes back when what was said after it goes', () => {
    const profile = person('city', said('crm', 'wrong', 1), said('web', 'wrong too', 2));
    correctFields(profile, { city: 'right' }, { correction: { by: 'person', reason: 'inaccurate' }, origin: 'c', version: 2, now: 5 });
    expect(profile.candidates).toBeUndefined();
    takeField(profile, 'city', said('crm', 'wrong', 4), crmFirst);
    expect([fieldOf(profile, 'city')?.value, profile.candidates]).toEqual(['right', undefined]);
    takeField(profile, 'city', said('crm', 'moved', 6), crmFirst);
    expect(fieldOf(profile, 'city')).toMatchObject({ value: 'moved', correctedAt: 5 });
    expect(fieldOf(redecideFields(profile, notTheCrm).profile, 'city')).toMatchObject({ value: 'right', correctedAt: 5 });
  });

  it('goes with the identity that it names, and leaves the next best', () => {
    const profile = person('email', said('crm', 'Wrong@example.com', 1), said('store', 'wrong@example.com', 3), said('web', 'right@example.com', 2));
    expect(disownIdentity(profile, 'email|wrong@example.com')).toEqual(['email']);
    expect(redecideFields(profile, crmFirst).profile).toMatchObject({ fields: { email: { value: 'right@example.com' } } });
    expect(redecideFields(profile, crmFirst).profile.candidates).toBeUndefined();
    const claimed = person('email', said('web', 'claimed@example.com', 5), said('store', 'proven@example.com', 2, { isVerified: true }));
    expect([releaseIdentity(claimed, 'email|claimed@example.com'), fieldOf(claimed, 'email')?.value, claimed.candidates]).toEqual([[], 'proven@example.com', undefined]);
  });

  it('follows the dictionary as what won does', () => {
    const dictionary = createDictionary({ customFields: [{ entity: 'profile', name: 'size', type: 'integer', description: 'Size.' }], settlements: new Map([['custom.size', { action: 'convert' as const }], ['custom.older', { action: 'move' as const, to: 'custom.size' }]]) });
    const profile = person('custom.size', said('crm', 'large', 1), said('web', '42', 2));
    const settled = settleFields(profile, dictionary, crmFirst);
    expect([fieldOf(settled.profile, 'custom.size')?.value, settled.profile.candidates, settled.fields]).toEqual([42, undefined, ['custom.size']]);
    expect(profile.candidates).toBeDefined();
    const moved = person('custom.older', said('crm', '41', 1), said('web', '42', 2));
    const there = settleFields(moved, dictionary, crmFirst);
    expect([fieldOf(there.profile, 'custom.size')?.value, others(there.profile, 'custom.size'), fieldOf(there.profile, 'custom.older')]).toEqual([41, [['web', 42]], undefined]);
    expect(settleFields(there.profile, dictionary, crmFirst).profile).toBe(there.profile);
  });
});
