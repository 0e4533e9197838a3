import type { JsonValue } from '../json.js';
import { identityKey } from './identity-key.js';
import type { IdentityReader } from './identity-rules.js';
import { NAMESPACES, type NormaliseContext } from './namespaces.js';

/** Of a record that is larger, or deeper, the rest is not looked at. */
const MAX_VALUES = 2_000;
const MAX_DEPTH = 32;
/** A shorter text is taken for an id only where its name says so: a quantity of 5 is not customer 5. */
const MIN_UNNAMED = 8;
const IS_NAMED_ID = /id$|ids$|no$|num$|number|user|customer|member|contact|subject|alias|code|key/iu;

/** Namespaces whose values tell by their form what they are. */
const BY_FORM: ReadonlySet<string> = new Set(['email', 'phone']);

/**
 * The keys of all identities that a record of any shape may name: each text and number in it, in the spelling of each namespace. For records that no mapping has read,
 * of which it has to be known whether they are about somebody.
 *
 * @param reader of the source: what it makes of an identity is named too
 * @returns keys as of `identityKey`; far more than the record really names
 * @example identitiesIn({ mail: 'Ana@Example.com' }, {}).has('email|ana@example.com') // true
 */
export function identitiesIn(record: JsonValue, context: NormaliseContext, reader?: IdentityReader): Set<string> {
  const keys = new Set<string>();
  let left = MAX_VALUES;
  const look = (text: string, isId: boolean): void => {
    for (const namespace of NAMESPACES.values()) {
      if (!isId && !BY_FORM.has(namespace.name)) continue;
      const value = namespace.normalise(text, context);
      if (value === null) continue;
      const identity = { namespace: namespace.name, value };
      for (const named of [identity, reader?.admit(identity), reader?.mailboxOf(identity)]) if (named !== undefined && named !== null) keys.add(identityKey(named));
    }
  };
  const walk = (value: JsonValue, name: string, depth: number): void => {
    if (left <= 0 || depth > MAX_DEPTH) return;
    if (typeof value === 'string' || typeof value === 'number') {
      left -= 1;
      look(String(value), String(value).length >= MIN_UNNAMED || IS_NAMED_ID.test(name));
    } else if (Array.isArray(value)) {
      for (const one of value) walk(one, name, depth + 1);
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, one] of Object.entries(value)) {
        look(key, false);
        walk(one, key, depth + 1);
      }
    }
  };
  walk(record, '', 0);
  return keys;
}
