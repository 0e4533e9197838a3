import { BUILT_IN_PERMISSIONS } from './built-in-permissions.js';
import { isSameHash, newAccountToken, readAccountToken } from './account-token.js';
import { createAbility } from './create-ability.js';
import { narrowToScopes } from './narrow-to-scopes.js';

it('a token is read back, and stored as a hash alone', () => {
  const { token, id, hash } = newAccountToken('acme/ü');
  expect(readAccountToken(token)).toEqual({ workspaceId: 'acme/ü', id, hash });
  expect(token).not.toContain(hash);
  for (const other of ['', 'a.b.c', `${token}x`, token.slice(1), token.replaceAll('.', ' ')]) expect(readAccountToken(other)?.hash === hash && readAccountToken(other)?.workspaceId === 'acme/ü').toBe(false);
});

it('hashes are compared whole', () => {
  expect([isSameHash('ab', 'ab'), isSameHash('ab', 'ac'), isSameHash('ab', 'abc'), isSameHash('', '')]).toEqual([true, false, false, true]);
});

it('scopes only narrow', () => {
  const ability = createAbility(narrowToScopes(BUILT_IN_PERMISSIONS.integrator, ['read:connection', 'update:connection', 'read:user']));
  expect([ability.can('read', 'connection'), ability.can('update', 'connection', 'name'), ability.can('update', 'connection', 'recipient'), ability.can('read', 'mapping'), ability.can('read', 'user')]).toEqual([true, true, false, false, false]);
});
