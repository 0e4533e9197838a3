import { isSafeKey } from '../canonical/safe-key.js';
import type { JsonValue } from '../json.js';
import type { CompiledMapping } from './mapping.js';

/** A field of a raw record, and whether a mapping does anything with it. */
export interface RawField {
  /** Keys divided by dots; list positions are left out, and `*` stands for a key that looks like data, such as an address. */
  path: string;
  isMapped: boolean;
}

/** A key that is longer, or holds what names somebody, is no name of a field. */
const MAX_KEY = 64;
const LOOKS_LIKE_DATA = /@|\d{6,}/;

/**
 * The fields of a raw record that have a value, each once, in their order.
 *
 * @example rawPaths({ id: 1, items: [{ sku: 'a' }, { sku: 'b' }], note: '' }) // ['id', 'items.sku']
 */
export function rawPaths(raw: JsonValue): string[] {
  const paths = new Set<string>();
  walk(raw, [], paths);
  return [...paths];
}

/**
 * Which fields of a raw record go somewhere, and which go nowhere.
 *
 * @example coverRaw({ id: 1, note: 'x' }, compileMapping({ messageId: '{{id}}' })) // [{ path: 'id', isMapped: true }, { path: 'note', isMapped: false }]
 */
export function coverRaw(raw: JsonValue, { sources }: Pick<CompiledMapping, 'sources'>): RawField[] {
  const read = new Set([...sources.values()].flat());
  return rawPaths(raw).map((path) => ({ path, isMapped: read.has('*') || startsOf(path).some((start) => read.has(start)) }));
}

/** The path itself and all that it lies in. */
function startsOf(path: string): string[] {
  const keys = path.split('.');
  return keys.map((_, index) => keys.slice(0, index + 1).join('.'));
}

function walk(value: JsonValue, keys: readonly string[], paths: Set<string>): void {
  if (value === null || value === '') return;
  if (typeof value !== 'object') {
    if (keys.length > 0) paths.add(keys.join('.'));
    return;
  }
  if (Array.isArray(value)) {
    for (const item of value) walk(item, keys, paths);
    return;
  }
  for (const [key, inner] of Object.entries(value)) {
    if (isSafeKey(key)) walk(inner, [...keys, key.length > MAX_KEY || LOOKS_LIKE_DATA.test(key) ? '*' : key], paths);
  }
}
