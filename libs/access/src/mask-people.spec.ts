import { createDictionary } from '@firsthand/domain';
import { BUILT_IN_PERMISSIONS } from './built-in-permissions.js';
import { createAbility } from './create-ability.js';
import { maskPeople } from './mask-people.js';
import type { BuiltInRole } from './roles.js';

const dictionary = createDictionary({ customFields: [{ entity: 'profile', name: 'allergy', type: 'string', description: 'What the person must not eat.', pii: 'sensitive' }] });
const maskOf = (role: BuiltInRole) => maskPeople(createAbility(BUILT_IN_PERMISSIONS[role]), dictionary);

it.each<[string, unknown, unknown]>([
  ['profile.phone', '+8613812345678', '138****5678'], ['profile.email', 'ana@example.com', 'a***@example.com'], ['profile.lastName', '王小明', '王**'], ['profile.birthday', '1990-05-17', '***'], ['profile.age', 34, '***'],
  ['profile.country', 'CN', 'CN'], ['profile.membershipLevel', 'gold', 'gold'], ['profile.custom.allergy', 'peanuts and more', '***'],
  ['properties', { sku: 'RS-42', note: 'call ana@example.com', nested: [{ tall: 180 }] }, { sku: 'RS-42', note: 'ca***om', nested: [{ tall: '***' }] }],
])('masks %s for a marketer', (path, value, shown) => {
  expect(maskOf('marketer').value(path, value)).toEqual(shown);
});

it('shows all but what is sensitive to an owner', () => {
  expect(maskOf('owner').value('profile.email', 'ana@example.com')).toBe('ana@example.com');
  expect(maskOf('owner').value('profile.custom.allergy', 'peanuts')).toBe('***');
});

it('masks identities by their class', () => {
  const shown = (role: BuiltInRole) => [maskOf(role).identity({ namespace: 'phone', value: '+8613812345678' }), maskOf(role).identity({ namespace: 'anonymousId', value: 'browser-1234' }), maskOf(role).identity({ namespace: 'unheardOf', value: 'somebody-else' })];
  expect(shown('marketer')).toEqual(['138****5678', 'browser-1234', 'so***se']);
  expect(shown('analyst')).toEqual(['138****5678', 'br***34', 'so***se']);
  expect(shown('admin')).toEqual(['+8613812345678', 'browser-1234', 'somebody-else']);
});
