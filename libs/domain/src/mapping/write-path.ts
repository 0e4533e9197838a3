import type { JsonObject, JsonValue } from '../json.js';

/**
 * Writes a value at a path of a tree, making the objects on the way.
 * `isShared` says that the way may lead through an object of the input: it is copied then, never changed.
 */
export function writePath(tree: JsonObject, path: readonly string[], value: JsonValue, isShared: boolean): void {
  let node = tree;
  const last = path.length - 1;
  for (let at = 0; at < last; at += 1) {
    const key = path[at] as string;
    const next = node[key];
    const isObject = next !== undefined && next !== null && typeof next === 'object' && !Array.isArray(next);
    if (isObject && !isShared) {
      node = next;
    } else {
      const made: JsonObject = isObject ? { ...next } : {};
      node[key] = made;
      node = made;
    }
  }
  node[path[last] as string] = value;
}
