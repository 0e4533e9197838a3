import { isJsonObject, type JsonObject, type JsonValue } from '../json.js';
import { pointerToken } from '../json-pointer.js';

/** A place at which something else stands than was expected. Absent is null. */
export interface Mismatch {
  /** JSON Pointer into the canonical record. */
  path: string;
  expected: JsonValue;
  got: JsonValue;
}

/**
 * Compares what was expected with what there is. An object may have more than was expected, unless it is compared whole; a list has as many
 * elements as were expected; a null wants nothing there. Whole, what is empty counts as absent on both sides.
 *
 * @example findMismatches({ a: 1 }, { a: 2, b: 3 }, false) // [{ path: '/a', expected: 1, got: 2 }]
 */
export function findMismatches(expected: JsonValue, got: JsonValue | undefined, isWhole: boolean, path = ''): Mismatch[] {
  if (isNothing(expected, isWhole)) return isNothing(got, isWhole) ? [] : [{ path, expected, got: got ?? null }];
  if (Array.isArray(expected)) return Array.isArray(got) && got.length === expected.length ? expected.flatMap((item, index) => findMismatches(item, got[index], isWhole, `${path}/${index}`)) : [{ path, expected, got: got ?? null }];
  if (isJsonObject(expected)) {
    if (!isJsonObject(got)) return [{ path, expected, got: got ?? null }];
    const keys = new Set([...Object.keys(expected), ...(isWhole ? Object.keys(got) : [])]);
    return [...keys].flatMap((key) => findMismatches(own(expected, key) ?? null, own(got, key), isWhole, `${path}/${pointerToken(key)}`));
  }
  return expected === got ? [] : [{ path, expected, got: got ?? null }];
}

function isNothing(value: JsonValue | undefined, isWhole: boolean): boolean {
  if (value === undefined || value === null) return true;
  return isWhole && typeof value === 'object' && Object.values(value).every((inner) => isNothing(inner as JsonValue, isWhole));
}

function own(value: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}
