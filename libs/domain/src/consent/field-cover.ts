import { isJsonObject, type JsonObject, type JsonValue } from '../json.js';
import type { Purpose } from './consent.js';

const covers = new WeakMap<Purpose, (path: string) => boolean>();

/**
 * Whether a purpose covers a field (`profile.email`, `event.properties.sku`). Patterns are exact paths, `*`, or a prefix with `.*`;
 * a pattern covers all that lies below it.
 *
 * @example coversField(purpose, 'profile.email')
 */
export function coversField(purpose: Purpose, path: string): boolean {
  let cover = covers.get(purpose);
  if (cover === undefined) covers.set(purpose, (cover = compileCover(purpose.fields)));
  return cover(path);
}

function compileCover(patterns: readonly string[]): (path: string) => boolean {
  if (patterns.includes('*')) return () => true;
  const prefixes = patterns.map((pattern) => (pattern.endsWith('.*') ? pattern.slice(0, -2) : pattern));
  return (path) => prefixes.some((prefix) => path === prefix || path.startsWith(`${prefix}.`));
}

/**
 * A copy of a tree with only what the purpose covers. Lists go whole or not at all; empty objects are left out.
 *
 * @param withheld paths that stay behind although the purpose covers them, e.g. the sensitive ones
 * @example stripUncovered(purpose, { profile: { email: 'a@example.com' } })
 */
export function stripUncovered(purpose: Purpose, tree: JsonObject, withheld: readonly string[] = []): JsonObject {
  const kept = purpose.fields.includes('*') ? tree : strip(purpose, tree, '');
  return withheld.length === 0 ? kept : without(kept, withheld);
}

function strip(purpose: Purpose, tree: JsonObject, prefix: string): JsonObject {
  const kept: JsonObject = {};
  for (const [key, value] of Object.entries(tree)) {
    const path = prefix + key;
    if (coversField(purpose, path)) kept[key] = value;
    else if (isJsonObject(value)) {
      const inner = strip(purpose, value, `${path}.`);
      if (Object.keys(inner).length > 0) kept[key] = inner;
    }
  }
  return kept;
}

/** A path through a list names a field of each of its elements. */
function without(tree: JsonObject, paths: readonly string[]): JsonObject {
  const kept = { ...tree };
  for (const path of paths) {
    const [key = '', rest] = splitPath(path);
    if (!Object.hasOwn(kept, key)) continue;
    const value = kept[key] as JsonValue;
    if (rest === '') delete kept[key];
    else if (Array.isArray(value)) kept[key] = value.map((each) => (isJsonObject(each) ? without(each, [rest]) : each));
    else if (isJsonObject(value)) kept[key] = without(value, [rest]);
  }
  return kept;
}

function splitPath(path: string): [string, string] {
  const dot = path.indexOf('.');
  return dot === -1 ? [path, ''] : [path.slice(0, dot), path.slice(dot + 1)];
}
