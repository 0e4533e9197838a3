import type { CanonicalRecord } from '../canonical/canonical-record.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../json.js';

/** The parts of an event whose fields expectations may name. */
export const QUALITY_SECTIONS = ['profile', 'identities', 'properties', 'context', 'order', 'product', 'store'] as const;

/** What stands at a place; undefined where there is nothing: absent, null, or empty. */
export type FoundValue = Exclude<JsonValue, null> | undefined;

/** Reads the values at a place of a record: of a field within a list one for each entry, and always at least one. */
export type FieldValues = (record: CanonicalRecord) => FoundValue[];

/**
 * Makes the reader of a dictionary path. It is run for every event, so the path is taken apart once.
 *
 * @example fieldValues('order.lines.sku')(record) // ['shirt-1', undefined]
 */
export function fieldValues(path: string): FieldValues {
  const [section = '', ...rest] = path.split('.');
  if (section === 'identities') {
    const namespace = rest.join('.');
    return ({ identities }) => {
      const found = identities.filter((identity) => identity.namespace === namespace).map(({ value }) => value);
      return found.length === 0 ? [undefined] : found;
    };
  }
  // Profile fields lie flat, also those of the workspace's own.
  if (section === 'profile') {
    const name = rest.join('.');
    return ({ profile }) => [present(Object.hasOwn(profile, name) ? profile[name] : undefined)];
  }
  return (record) => valuesIn((record as unknown as Record<string, JsonValue | undefined>)[section], rest);
}

/**
 * The JSON type that a mapping has given a field, before the dictionary reads it; undefined where it gave nothing. Of a list of objects `mixed` where they differ.
 *
 * @example mappedType({ order: { total: '12.50' } }, ['order', 'total']) // 'text'
 */
export function mappedType(tree: JsonObject, parts: readonly string[]): string | undefined {
  const types = new Set(valuesIn(tree, parts).flatMap((value) => (value === undefined ? [] : [typeOf(value)])));
  return types.size > 1 ? 'mixed' : [...types][0];
}

function valuesIn(value: JsonValue | undefined, parts: readonly string[]): FoundValue[] {
  const found: FoundValue[] = [];
  collect(value, parts, 0, found);
  return found;
}

function collect(value: JsonValue | undefined, parts: readonly string[], at: number, found: FoundValue[]): void {
  const part = parts[at];
  if (part === undefined) found.push(present(value));
  else if (Array.isArray(value) && value.length > 0) for (const entry of value) collect(entry, parts, at, found);
  else if (isJsonObject(value) && Object.hasOwn(value, part)) collect(value[part], parts, at + 1, found);
  else found.push(undefined);
}

function present(value: JsonValue | undefined): FoundValue {
  return value === null || value === '' || (Array.isArray(value) && value.length === 0) ? undefined : value;
}

function typeOf(value: Exclude<FoundValue, undefined>): string {
  if (Array.isArray(value)) return 'list';
  return typeof value === 'string' ? 'text' : typeof value;
}
