import type { Identity } from '../canonical/canonical-record.js';
import { NAMESPACES } from '../identity/namespaces.js';
import type { JsonValue } from '../json.js';

/**
 * Whether a profile field names an identity, as `email` and `phone` do: what is sent to a person goes there.
 *
 * @example isIdentityField('email') // true
 */
export function isIdentityField(field: string): boolean {
  return NAMESPACES.get(field)?.isDevice === false;
}

/**
 * The identity that the value of a field names; undefined for a field or a value that names none.
 *
 * @example identityInField('email', 'Ana@Example.com') // { namespace: 'email', value: 'ana@example.com' }
 */
export function identityInField(field: string, value: JsonValue): Identity | undefined {
  const namespace = NAMESPACES.get(field);
  if (namespace === undefined || namespace.isDevice || typeof value !== 'string') return undefined;
  const normalised = namespace.normalise(value, {});
  return normalised === null ? undefined : { namespace: field, value: normalised };
}
