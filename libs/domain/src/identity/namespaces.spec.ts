import { identityKey, parseIdentityKey } from './identity-key.js';
import { maskIdentity } from './mask-identity.js';
import { NAMESPACES } from './namespaces.js';

function normalise(namespace: string, value: string, defaultCountry?: string): string | null | undefined {
  return NAMESPACES.get(namespace)?.normalise(value, { defaultCountry });
}

describe('NAMESPACES', () => {
  it('ranks every name once, people before devices', () => {
    const table = [...NAMESPACES.values()];
    const ranks = table.map(({ rank }) => rank);
    expect(ranks).toEqual([...new Set(ranks)].sort((a, b) => a - b));
    expect(table.findIndex(({ isDevice }) => isDevice)).toBe(table.filter(({ isDevice }) => !isDevice).length);
    expect(table.some(({ name }) => name.includes('|'))).toBe(false);
  });

  it.each([...NAMESPACES.values()])('$name: its example is written as it is stored', ({ name, example }) => {
    expect(normalise(name, example)).toBe(example);
  });

  it.each(['', ' ', 'null', 'NULL', 'undefined', 'N/A', 'none', 'anonymous', 'Guest', 'unknown', '0', '0000', '00000000-0000-0000-0000-000000000000', '-', '[object Object]', '匿名', 'x'.repeat(257), 'a\u0000b', 'a\nb'])('no namespace takes %j', (value) => {
    for (const name of NAMESPACES.keys()) expect([name, normalise(name, value)]).toEqual([name, null]);
  });

  it.each<[string, string, string | null]>([
    ['userId', ' u-1 ', 'u-1'],
    ['userId', 'U-1', 'U-1'],
    ['userId', 'x'.repeat(256), 'x'.repeat(256)],
    ['userId', 'e\u0301', '\u00e9'],
    ['email', ' ANA@Example.COM ', 'ana@example.com'],
    ['email', 'ana@exämple.com', 'ana@xn--exmple-cua.com'],
    ['email', 'ana@localhost', null],
    ['email', 'ana example.com', null],
    ['email', 'a@b@example.com', null],
    ['email', 'test@example.com', null],
    ['email', 'No-Reply@shop.example', null],
    ['email', 'a@a.com', null],
    ['email', 'testa@example.com', 'testa@example.com'],
    ['phone', '139 1234 5678', '+8613912345678'],
    ['phone', '+1 (415) 555-2671', '+14155552671'],
    ['phone', '13800138000', null],
    ['phone', '+86 138 0000 0000', null],
    ['phone', '13333333333', null],
    ['phone', '12345', null],
    ['phone', '+8610', null],
    ['idfa', '6D92078A-8246-4BA4-AE5B-76104861E7DC', '6d92078a-8246-4ba4-ae5b-76104861e7dc'],
    ['idfa', 'not-an-id', null],
    ['gaid', '38400000-8CF0-11BD-B23E-10B96E40000D', '38400000-8cf0-11bd-b23e-10b96e40000d'],
  ])('%s %j', (namespace, value, expected) => {
    expect(normalise(namespace, value, 'CN')).toBe(expected);
  });

  it('reads a national number in the country it is told, and in none by itself', () => {
    expect(normalise('phone', '13912345678')).toBeNull();
    expect(normalise('phone', '020 7946 0958', 'GB')).toBe('+442079460958');
    expect(normalise('phone', '020 7946 0958', 'nowhere')).toBeNull();
  });

  it('remembers phones within bounds', () => {
    for (let index = 0; index < 2000; index += 1) expect(normalise('phone', `139${10_000_000 + index}`, 'CN')).toBe(`+86139${10_000_000 + index}`);
  });
});

describe('identityKey', () => {
  it('is divided by its first bar', () => {
    const identity = { namespace: 'userId', value: 'a|b' };
    expect(identityKey(identity)).toBe('userId|a|b');
    expect(parseIdentityKey(identityKey(identity))).toEqual(identity);
  });
});

describe('maskIdentity', () => {
  it.each([
    ['phone', '+8613812345678', '138****5678'],
    ['phone', '+14155552671', '+14****2671'],
    ['phone', '+123', '****'],
    ['email', 'ana@example.com', 'a***@example.com'],
    ['email', 'a@example.com', 'a***@example.com'],
    ['email', '@', '***'],
    ['userId', 'u-20481-77', 'u-***77'],
    ['userId', 'u-1', '***'],
  ])('%s %s', (namespace, value, expected) => {
    expect(maskIdentity({ namespace, value })).toBe(expected);
  });
});
