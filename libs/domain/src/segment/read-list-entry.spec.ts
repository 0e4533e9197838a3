import { readListEntry } from './read-list-entry.js';

describe('readListEntry', () => {
  it.each<[Record<string, unknown>, string[]]>([
    [{ email: ' Ana@Example.com ' }, ['email|ana@example.com']],
    [{ userId: 'u1', phone: '13987654321' }, ['userId|u1', 'phone|+8613987654321']],
    [{ email: '', phone: null, userId: 'u1' }, ['userId|u1']],
    [{ email: 'no address', userId: 'u1' }, ['userId|u1']],
  ])('reads %j', (entry, identityKeys) => {
    expect(readListEntry(entry, { defaultCountry: 'CN' })).toEqual({ identityKeys });
  });

  it.each<[Record<string, unknown>, string]>([
    [{}, 'no-identity'], [{ email: '' }, 'no-identity'], [{ email: 'test@example.com' }, 'invalid-identity'], [{ phone: '13987654321' }, 'invalid-identity'], [{ userId: 7 }, 'invalid-identity'],
    [{ 'e-mail': 'ana@example.com', userId: 'u1' }, 'unknown-namespace'], [{ constructor: 'x' }, 'unknown-namespace'],
  ])('refuses %j as %s', (entry, fault) => {
    expect(readListEntry(entry, {})).toEqual({ fault });
  });
});
