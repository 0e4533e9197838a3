import type { JsonObject, JsonValue } from '../json.js';
import { identitiesIn } from './identities-in.js';

/**
 * A tree of values without those that name one of these identities, read as {@link identitiesIn} reads them. Words that name one among others stay.
 *
 * @param keys as of `identityKey`
 * @example leaveOutIdentities({ from: 'Ana@Example.com', to: 'ana@example.org' }, new Set(['email|ana@example.com'])) // { to: 'ana@example.org' }
 */
export function leaveOutIdentities(tree: JsonObject, keys: ReadonlySet<string>): JsonObject {
  const namesOne = (name: string, value: JsonValue): boolean => [...identitiesIn({ [name]: value }, {})].some((key) => keys.has(key));
  const without = (name: string, value: JsonValue): JsonValue[] => {
    if (Array.isArray(value)) return [value.flatMap((one) => without(name, one))];
    if (typeof value === 'object' && value !== null) return [leaveOutIdentities(value, keys)];
    return namesOne(name, value) ? [] : [value];
  };
  return Object.fromEntries(Object.entries(tree).flatMap(([name, value]) => without(name, value).map((left) => [name, left] as const)));
}
