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
  const namespace = namespaceOf(key);
  return { namespace, value: key.slice(namespace.length + 1) };
}

/**
 * The namespace of a key made by {@link identityKey}.
 *
 * @example namespaceOf('userId|a|b') // 'userId'
 */
export function namespaceOf(key: string): string {
  return key.slice(0, key.indexOf('|'));
}
