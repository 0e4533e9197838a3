import type { JsonObject, JsonValue } from '../../json.js';

/** A value of a raw record, with the keys that lead to it; a list of texts is one. */
export interface RawLeaf {
  keys: readonly string[];
  value: JsonValue;
}

/** A list of objects. */
export interface RawList {
  keys: readonly string[];
  items: readonly JsonObject[];
}

const MAX_DEPTH = 6;
const MAX_LEAVES = 500;

/** The values of a record and its lists of objects, which are not gone into. Of a record without end the first 500. */
export function readLeaves(raw: JsonValue): { leaves: RawLeaf[]; lists: RawList[] } {
  const leaves: RawLeaf[] = [];
  const lists: RawList[] = [];
  walk(raw, []);
  return { leaves, lists };

  function walk(value: JsonValue, keys: readonly string[]): void {
    if (value === null || value === '' || leaves.length >= MAX_LEAVES) return;
    if (typeof value !== 'object') {
      if (keys.length > 0) leaves.push({ keys, value });
    } else if (Array.isArray(value)) {
      const items = value.filter((item): item is JsonObject => typeof item === 'object' && item !== null && !Array.isArray(item));
      if (items.length > 0) lists.push({ keys, items });
      else if (value.length > 0 && keys.length > 0) leaves.push({ keys, value });
    } else if (keys.length < MAX_DEPTH) {
      for (const [key, inner] of Object.entries(value)) walk(inner, [...keys, key]);
    }
  }
}
