import { isSafeKey } from '../canonical/safe-key.js';
import type { MappedValue } from './mapping-helper.js';

/** Reads one own property; anything else (prototype, primitive, null) is absent. */
export function readOwn(value: MappedValue, key: string): MappedValue {
  if (value === null || typeof value !== 'object' || !Object.hasOwn(value, key)) return undefined;
  return (value as Record<string, MappedValue>)[key];
}

/** Reads a path that is known only at run time (`a.b.0`); forbidden keys read as absent. */
export function readPath(value: MappedValue, path: string): MappedValue {
  let current = value;
  for (const key of path.split('.')) {
    if (!isSafeKey(key)) return undefined;
    current = readOwn(current, key);
  }
  return current;
}

/** A reader for a path that is known at compile time; short paths get a loop-free one. */
export function pathReader(parts: readonly string[]): (value: MappedValue) => MappedValue {
  const [first = '', second = '', third = ''] = parts;
  switch (parts.length) {
    case 0:
      return (value) => value;
    case 1:
      return (value) => readOwn(value, first);
    case 2:
      return (value) => readOwn(readOwn(value, first), second);
    case 3:
      return (value) => readOwn(readOwn(readOwn(value, first), second), third);
    default:
      return (value) => {
        let current = value;
        for (const part of parts) current = readOwn(current, part);
        return current;
      };
  }
}
