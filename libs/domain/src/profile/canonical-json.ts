import type { JsonValue } from '../json.js';

/**
 * One text for equal JSON values, whatever the order of their keys.
 *
 * @example canonicalJson({ b: 1, a: 2 }) // '{"a":2,"b":1}'
 */
export function canonicalJson(value: JsonValue): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const entries = Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key] as JsonValue)}`);
  return `{${entries.join(',')}}`;
}

/** Whether two JSON values are equal; an absent one equals null, the value of an unset field. */
export function isSameJson(one: JsonValue | undefined, other: JsonValue | undefined): boolean {
  const [a, b] = [one ?? null, other ?? null];
  if (a === b) return true;
  return typeof a === 'object' && typeof b === 'object' && canonicalJson(a) === canonicalJson(b);
}
