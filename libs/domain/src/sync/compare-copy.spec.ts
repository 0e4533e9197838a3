import type { CanonicalRecord } from '../canonical/canonical-record.js';
import type { JsonValue } from '../json.js';
import { encodeStoredKey } from '../profile/stored-key.js';
import type { ProfileField } from '../profile/profile.js';
import { MAY_NOT_WRITE, type OwnerRank } from '../profile/winning-field.js';
import { compareFields } from './compare-copy.js';

const equals: OwnerRank = () => 1;
const ours = (fields: Record<string, Partial<ProfileField> & { value: JsonValue }>) => ({
  fields: Object.fromEntries(Object.entries(fields).map(([name, field]) => [encodeStoredKey(name), { at: 100, source: 'web', origin: 'm1', version: 1, ...field }])),
});
const theirs = (profile: Record<string, JsonValue>, more: Partial<CanonicalRecord> = {}) => ({
  source: 'crm',
  record: { type: 'identify', name: 'Profile Updated', messageId: 'm9', occurredAt: 50, identities: [], profile, properties: {}, consents: {}, context: {}, flags: [], ...more } satisfies CanonicalRecord,
});
const reasons = (copy: ReturnType<typeof theirs>, profile: ReturnType<typeof ours>, more: { ownerRank?: OwnerRank; isPending?: boolean; isStopped?: (field: string) => boolean } = {}) =>
  compareFields(copy, profile, { fields: ['city', 'phone', 'email'], ownerRank: equals, isPending: false, ...more }).map(({ field, reason }) => `${field}: ${reason}`);
const rank = (of: number): OwnerRank => Object.assign((_: string, source: string) => (source === 'crm' ? of : 1), { refusesSome: true });

describe('compareFields', () => {
  it('finds nothing in what is only written otherwise, and nothing where both hold nothing', () => {
    expect(reasons(theirs({ city: 'SHANGHAI', phone: '+86 139 8765 4321' }), ours({ city: { value: 'Shanghai' }, phone: { value: '+8613987654321' } }))).toEqual([]);
    expect(reasons(theirs({ city: '' }), ours({ city: { value: null } }))).toEqual([]);
  });

  it('reads what names the person among the identities too, and is content with any of several', () => {
    const identities = [{ namespace: 'email', value: 'ana@work.example.com' }, { namespace: 'email', value: 'ana@example.com' }];
    expect(reasons(theirs({}, { identities }), ours({ email: { value: 'ana@example.com' } }))).toEqual([]);
    expect(reasons(theirs({}, { identities }), ours({ email: { value: 'lima@example.com', isVerified: true } }))).toEqual(['email: ours-newer']);
  });

  it.each<[string, string, ReturnType<typeof theirs>, ReturnType<typeof ours>, Parameters<typeof reasons>[2]?]>([
    ['ours is of a later time', 'ours-newer', theirs({ city: 'Suzhou' }), ours({ city: { value: 'Shanghai' } })],
    ['theirs is of a later time', 'theirs-unheard', theirs({ city: 'Suzhou' }, { occurredAt: 200 }), ours({ city: { value: 'Shanghai' } })],
    ['they hold nothing, however late', 'empty-there', theirs({}, { occurredAt: 200 }), ours({ city: { value: 'Shanghai' } })],
    ['we never held anything', 'empty-here', theirs({ city: 'Suzhou' }), ours({})],
    ['ours was unset later', 'empty-here', theirs({ city: 'Suzhou' }), ours({ city: { value: null } })],
    ['theirs came after ours was unset', 'theirs-unheard', theirs({ city: 'Suzhou' }, { occurredAt: 200 }), ours({ city: { value: null } })],
    ['a write is on its way', 'write-pending', theirs({ city: 'Suzhou' }, { occurredAt: 200 }), ours({ city: { value: 'Shanghai' } }), { isPending: true }],
    ['the value is not written', 'stopped', theirs({ city: 'Suzhou' }), ours({ city: { value: 'Shanghai' } }), { isPending: true, isStopped: (field) => field === 'city' }],
    ['they may not write it', 'may-not-write', theirs({ city: 'Suzhou' }, { occurredAt: 200 }), ours({ city: { value: 'Shanghai' } }), { ownerRank: rank(MAY_NOT_WRITE) }],
    ['they may not write what we lack', 'may-not-write', theirs({ city: 'Suzhou' }), ours({}), { ownerRank: rank(MAY_NOT_WRITE) }],
    ['the owner is here', 'owner-here', theirs({ city: 'Suzhou' }, { occurredAt: 200 }), ours({ city: { value: 'Shanghai' } }), { ownerRank: rank(2) }],
    ['the owner is there', 'theirs-unheard', theirs({ city: 'Suzhou' }), ours({ city: { value: 'Shanghai' } }), { ownerRank: rank(0) }],
    ['it was corrected here', 'corrected-here', theirs({ city: 'Suzhou' }, { occurredAt: 90 }), ours({ city: { value: 'Shanghai', correction: { by: 'person', reason: 'inaccurate' }, correctedAt: 100 } })],
  ])('says why: %s', (_, reason, copy, profile, more = {}) => expect(reasons(copy, profile, more)).toEqual([`city: ${reason}`]));
});
