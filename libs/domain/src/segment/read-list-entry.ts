import { identityKey } from '../identity/identity-key.js';
import { NAMESPACES } from '../identity/namespaces.js';

/** Why a row of an upload names nobody: it holds no identity, a namespace that there is not, or only values that name nobody. */
export type ListEntryFault = 'no-identity' | 'unknown-namespace' | 'invalid-identity';

/**
 * Reads one row of a list, identity namespace → value, to the keys under which its identities are stored. Empty values are passed over, and so are invalid
 * ones beside a valid one.
 *
 * @param context the ISO 3166-1 alpha-2 country in which national phone numbers are read
 * @example readListEntry({ email: 'Ana@Example.com', phone: '' }, {}) // { identityKeys: ['email|ana@example.com'] }
 */
export function readListEntry(entry: Readonly<Record<string, unknown>>, context: { defaultCountry?: string }): { identityKeys: string[] } | { fault: ListEntryFault } {
  const given = Object.entries(entry).filter(([, value]) => value !== '' && value !== null);
  if (given.some(([namespace]) => !NAMESPACES.has(namespace))) return { fault: 'unknown-namespace' };
  if (given.length === 0) return { fault: 'no-identity' };
  const identityKeys = given.flatMap(([namespace, value]) => {
    const normal = typeof value === 'string' ? (NAMESPACES.get(namespace)?.normalise(value, context) ?? null) : null;
    return normal === null ? [] : [identityKey({ namespace, value: normal })];
  });
  return identityKeys.length === 0 ? { fault: 'invalid-identity' } : { identityKeys };
}
