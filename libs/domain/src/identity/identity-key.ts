import type { Identity } from '../canonical/canonical-record.js';

/**
 * The key that an identity is stored and looked up by: `namespace|value`. No namespace has a `|`, so the first one divides.
 *
 * @example identityKey({ namespace: 'email', value: 'ana@example.com' }) // 'email|ana@example.com'
 */
export function identityKey(identity: Identity): string {
  return `${identity.namespace}|${identity.value}`;
}

/**
 * The identity of a key made by {@link identityKey}.
 *
 * @example parseIdentityKey('userId|a|b') // { namespace: 'userId', value: 'a|b' }
 */
export function parseIdentityKey(key: string): Identity {
  const at = key.indexOf('|');
  return { namespace: key.slice(0, at), value: key.slice(at + 1) };
}
