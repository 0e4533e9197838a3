import { createDictionary } from '@firsthand/domain';
import { ownerRank } from './owner-rank.js';

const dictionary = createDictionary({ customFields: [{ entity: 'profile', name: 'shoeSize', type: 'integer', description: 'EU size.', owner: 'store' }] });
const rank = ownerRank(dictionary, new Map([['pos', 'store'], ['crm', 'crm'], ['site', 'web']]));

describe('ownerRank', () => {
  it('puts the channel that owns a field first, and holds all others equal', () => {
    expect(rank('preferredStoreId', 'pos')).toBeLessThan(rank('preferredStoreId', 'crm'));
    expect(rank('preferredStoreId', 'crm')).toBe(rank('preferredStoreId', 'site'));
    expect(rank('email', 'crm')).toBeLessThan(rank('email', 'pos'));
    expect(rank('custom.shoeSize', 'pos')).toBeLessThan(rank('custom.shoeSize', 'crm'));
  });

  it('puts a connection that is not known, such as one that was deleted, after the owner', () => {
    expect(rank('email', 'gone')).toBe(rank('email', 'site'));
  });

  it('holds all equal for a field that nobody owns', () => {
    expect(rank('noSuchField', 'crm')).toBe(rank('noSuchField', 'site'));
  });
});
