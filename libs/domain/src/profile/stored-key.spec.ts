import fc from 'fast-check';
import { fieldOf } from './field-of.js';
import { decodeStoredKey, encodeStoredKey } from './stored-key.js';

describe('encodeStoredKey', () => {
  it.each([
    ['email', 'email'],
    ['Order Completed', 'Order Completed'],
    ['*', '*'],
    ['custom.shoeSize', 'custom%2EshoeSize'],
    ['$set', '%24set'],
    ['100%', '100%25'],
    ['a#b\0c', 'a%23b%00c'],
    ['', '%'],
    ['%', '%25'],
    ['__proto__', '%5F_proto__'],
    ['%5F_proto__', '%255F_proto__'],
  ])('writes %j as %j', (name, key) => {
    expect(encodeStoredKey(name)).toBe(key);
    expect(decodeStoredKey(key)).toBe(name);
  });

  it('turns any name into a safe key and back', () => {
    const name = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('.', '$', '%', '#', '\0', '2', 'E', '_', 'é') }));
    fc.assert(fc.property(name, (text) => {
      const key = encodeStoredKey(text);
      return decodeStoredKey(key) === text && key !== '' && key !== '__proto__' && !/[.$#\0]/.test(key);
    }));
  });
});

describe('fieldOf', () => {
  it('finds a field by its canonical name, and nothing that every object has', () => {
    const field = { value: 42, at: 1, source: 's', origin: 'm', version: 1 };
    expect(fieldOf({ fields: { 'custom%2EshoeSize': field } }, 'custom.shoeSize')).toBe(field);
    expect(fieldOf({ fields: {} }, 'constructor')).toBeUndefined();
    expect(fieldOf({ fields: {} }, '__proto__')).toBeUndefined();
  });
});
