import { encodeStoredKey, type Profile } from '@firsthand/domain';
import { takenThere } from './merged-there.js';

const crm = { connectionId: 'crm', settings: {}, destinations: { contact: { ownIds: () => ({ crmId: (id: string) => id.startsWith('a:') }) }, list: {} } } as unknown as Parameters<typeof takenThere>[1];
const identities = ['crmId|a:2', 'crmId|b:7', 'email|b@example.com', 'phone|+4930123'].map((key) => ({ namespace: key.split('|')[0] ?? '', value: key.split('|')[1] ?? '' }));
const person = (more: Partial<Profile> = {}): Profile => ({ identities, parted: [{ mergeId: 'm', id: 'crmId|a:2', at: 1, own: ['crmId|a:2', 'email|b@example.com'] }], ...more }) as unknown as Profile;
const own = [...identities, { namespace: 'crmId', value: 'a:3' }];

describe('takenThere', () => {
  it('is nothing at other accounts, and for the one whose the record is', () => {
    expect(takenThere(person(), { ...crm, destinations: { list: {} } } as unknown as typeof crm, undefined)).toBeNull();
    expect(takenThere(person({ parted: [{ mergeId: 'm', id: 'crmId|b:7', at: 1, own: ['crmId|b:7'] }] }), crm, undefined)).toBeNull();
    expect(takenThere(person({ parted: [{ mergeId: 'm', id: 'crmId|a:2', at: 1, strangers: ['digest'] }] }), crm, undefined)).toBeNull();
  });

  it('refuses all of who has no record of their own there, whatever names them', () => {
    const taken = takenThere(person(), crm, undefined);
    expect([taken?.isAnothers({}), taken?.isAnothers({ phone: '+4930123' })]).toEqual([true, true]);
    expect([taken?.names({ phone: '+4930123' }), taken?.names({ email: ' B@Example.com' })]).toEqual([false, true]);
    expect(takenThere(person({ identities: own, goneIds: { [encodeStoredKey('crmId|a:3')]: 1 } }), crm, undefined)?.isAnothers({})).toBe(true);
  });

  it('lets go what names a record of their own, and nothing that leads to the other\'s', () => {
    const taken = takenThere(person({ identities: own }), crm, undefined);
    expect(taken?.withoutAnothers(person({ identities: own })).identities.map(({ value }) => value)).toEqual(['b:7', '+4930123', 'a:3']);
    expect([taken?.isAnothers({ contactId: 'a:3', phone: '+4930123' }), taken?.isAnothers({ contactId: 'a:3', email: 'b@example.com' }), taken?.isAnothers({ contactId: 'a:2' })]).toEqual([false, true, true]);
  });
});
