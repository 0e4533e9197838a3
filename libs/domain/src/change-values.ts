import { FirsthandError } from './errors/index.js';
import type { JsonObject, JsonValue } from './json.js';
import { keyOfToken } from './json-pointer.js';

/** A value to set in a record, or to take out where none is given. */
export interface ValueChange {
  /** JSON Pointer (RFC 6901): `/customer/email`. `-` behind an array is its end. */
  path: string;
  value?: JsonValue | undefined;
}

/** What a change did: without `old` there was nothing before, without `new` there is nothing now. */
export interface ChangedValue {
  path: string;
  old?: JsonValue;
  new?: JsonValue;
}

/**
 * Sets and takes out values of a record, one after the other. The record itself is left as it is.
 *
 * @throws FirsthandError `INVALID_REQUEST` with the place of each change that leads nowhere: no pointer, no such parent, nothing to take out
 * @example changeValues({ customer: {} }, [{ path: '/customer/email', value: 'ana@example.com' }]).raw // { customer: { email: 'ana@example.com' } }
 */
export function changeValues(raw: JsonValue, changes: readonly ValueChange[]): { raw: JsonValue; changed: ChangedValue[] } {
  const changed: ChangedValue[] = [];
  let current = raw;
  for (const [index, { path, value }] of changes.entries()) {
    const keys = readPointer(path);
    const done = keys === null ? null : changeAt(current, keys, value);
    if (done === null) throw new FirsthandError('INVALID_REQUEST', undefined, [{ path: `/changes/${index}/path`, message: 'leads to no place in the record' }]);
    current = done.value;
    changed.push({ path, ...(done.old === undefined ? {} : { old: done.old }), ...(value === undefined ? {} : { new: value }) });
  }
  return { raw: current, changed };
}

/** The keys of a pointer that names a part; null for what is none. */
function readPointer(path: string): string[] | null {
  if (!path.startsWith('/') || /~(?![01])/u.test(path)) return null;
  return path.slice(1).split('/').map(keyOfToken);
}

interface Changed {
  value: JsonValue;
  old?: JsonValue;
}

function changeAt(target: JsonValue | undefined, [key, ...rest]: readonly string[], value: JsonValue | undefined): Changed | null {
  if (key === undefined || typeof target !== 'object' || target === null) return null;
  if (Array.isArray(target)) return changeItem(target, key, rest, value);
  const own = Object.hasOwn(target, key) ? target[key] : undefined;
  const inner = changeIn(own, rest, value);
  return inner === null ? null : { value: withKey(target, key, inner.value), ...(inner.old === undefined ? {} : { old: inner.old }) };
}

function changeItem(target: readonly JsonValue[], key: string, rest: readonly string[], value: JsonValue | undefined): Changed | null {
  const index = key === '-' ? target.length : /^(?:0|[1-9]\d*)$/u.test(key) ? Number(key) : -1;
  if (index < 0 || index > target.length) return null;
  const inner = changeIn(target[index], rest, value);
  if (inner === null) return null;
  const items = inner.value === undefined ? target.filter((_, at) => at !== index) : [...target.slice(0, index), inner.value, ...target.slice(index + 1)];
  return { value: items, ...(inner.old === undefined ? {} : { old: inner.old }) };
}

/** What stands at a key afterwards; undefined for nothing. */
function changeIn(own: JsonValue | undefined, rest: readonly string[], value: JsonValue | undefined): { value: JsonValue | undefined; old?: JsonValue } | null {
  if (rest.length > 0) return changeAt(own, rest, value);
  if (own === undefined && value === undefined) return null;
  return { value, ...(own === undefined ? {} : { old: own }) };
}

/** Keys stay in their order, and `__proto__` is a key like any other. */
function withKey(target: JsonObject, key: string, value: JsonValue | undefined): JsonObject {
  const entries = Object.entries(target);
  const at = entries.findIndex(([name]) => name === key);
  if (value === undefined) return Object.fromEntries(entries.filter(([name]) => name !== key));
  if (at < 0) return Object.fromEntries([...entries, [key, value]]);
  return Object.fromEntries(entries.map(([name, own]) => [name, name === key ? value : own]));
}
