import { sha256Hex } from '@firsthand/plugin-sdk';
import { PUBLISHED_HASHES } from './fixtures/published-hashes.js';
import { hashIdentity } from './hash-identity.js';

describe('hashIdentity', () => {
  it.each(PUBLISHED_HASHES)('%s %s hashes as Meta publishes', (kind, value, hash) => {
    expect(hashIdentity(kind, value)).toBe(hash);
  });

  it.each([
    ['email', ' ANA@Example.com ', 'ana@example.com'],
    ['phone', '+86 139 1234 5678', '8613912345678'],
    ['phone', '0044 20 7946 0000', '442079460000'],
    ['name', " O'Neil-Smith ", 'oneilsmith'],
    ['name', 'Anna  Maria', 'anna maria'],
    ['city', 'St. Louis', 'stlouis'],
    ['city', '杭州', '杭州'],
    ['country', 'CN', 'cn'],
    ['externalId', 'U-20481', 'U-20481'],
  ] as const)('%s %j is hashed as %j', (kind, value, written) => {
    expect(hashIdentity(kind, value)).toBe(sha256Hex(written));
  });

  it('never hashes twice', () => {
    const once = hashIdentity('email', 'ana@example.com') ?? '';
    expect(hashIdentity('email', once)).toBe(once);
    expect(hashIdentity('phone', ` ${once.toUpperCase()} `)).toBe(once);
  });

  it('gives nothing for what cannot be matched by', () => {
    for (const value of [undefined, '', '  ']) expect(hashIdentity('email', value)).toBeUndefined();
    expect(hashIdentity('phone', 'n/a')).toBeUndefined();
    expect(hashIdentity('name', '-')).toBeUndefined();
    expect(hashIdentity('country', 'China')).toBeUndefined();
  });
});
