import type { JsonValue } from '../json.js';
import { profileView } from './profile-view.js';
import { encodeStoredKey } from './stored-key.js';

function profileOf(values: Record<string, JsonValue>) {
  return { fields: Object.fromEntries(Object.entries(values).map(([name, value]) => [encodeStoredKey(name), { value, at: 0, source: 's', origin: 'm', version: 1 }])) };
}

describe('profileView', () => {
  it('shows the values as a tree, and nothing that is unset', () => {
    const profile = profileOf({ email: 'a@example.com', city: null, 'custom.shoeSize': 42, 'custom.colours': ['red'], isVip: false });
    expect(profileView(profile)).toEqual({ email: 'a@example.com', custom: { shoeSize: 42, colours: ['red'] }, isVip: false });
  });

  it('puts a field below the object that another field holds', () => {
    expect(profileView(profileOf({ 'address.city': 'Suzhou', address: { country: 'CN' } }))).toEqual({ address: { country: 'CN', city: 'Suzhou' } });
  });

  it('gives a copy', () => {
    const profile = profileOf({ 'custom.colours': ['red'] });
    (profileView(profile) as { custom: { colours: string[] } }).custom.colours.push('blue');
    expect(profileView(profile)).toEqual({ custom: { colours: ['red'] } });
  });

  it('takes names that every object has as ordinary ones', () => {
    const view = profileView({ fields: { ...profileOf({ 'constructor.prototype.bad': 1 }).fields, [encodeStoredKey('__proto__.bad')]: { value: 1, at: 0, source: 's', origin: 'm', version: 1 } } });
    expect(({} as { bad?: number }).bad).toBeUndefined();
    expect(Object.keys(view).sort()).toEqual(['__proto__', 'constructor']);
  });
});
