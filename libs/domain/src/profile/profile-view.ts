import type { JsonObject, JsonValue } from '../json.js';
import type { Profile } from './profile.js';
import { decodeStoredKey } from './stored-key.js';

/**
 * The current values of a profile as a plain tree: `{ email: …, custom: { shoeSize: … } }`. Unset fields are left out. It is what
 * flow mappings read and privacy exports show; a fresh copy, safe to change.
 *
 * @example profileView(profile).custom
 */
export function profileView(profile: Pick<Profile, 'fields'>): JsonObject {
  const view: JsonObject = {};
  for (const [name, { value }] of namedFields(profile)) {
    if (value === null) continue;
    const path = name.split('.');
    const last = path.pop() as string;
    const parent = path.reduce(childOf, view);
    put(parent, last, typeof value === 'object' ? structuredClone(value) : value);
  }
  return view;
}

/** Shorter names first, so that `address.city` lands inside what `address` holds. */
function namedFields(profile: Pick<Profile, 'fields'>) {
  return Object.entries(profile.fields)
    .map(([key, field]) => [decodeStoredKey(key), field] as const)
    .sort(([one], [other]) => (one < other ? -1 : 1));
}

function childOf(parent: JsonObject, key: string): JsonObject {
  const known = Object.hasOwn(parent, key) ? parent[key] : undefined;
  if (typeof known === 'object' && known !== null && !Array.isArray(known)) return known;
  const child: JsonObject = {};
  put(parent, key, child);
  return child;
}

/** Defines rather than assigns: the name `__proto__` stays an ordinary one. */
function put(parent: JsonObject, key: string, value: JsonValue): void {
  Object.defineProperty(parent, key, { value, writable: true, enumerable: true, configurable: true });
}
