import type { JsonValue } from '../json.js';

/** The most that one record may be nested and hold. */
export interface JsonLimits {
  maxDepth: number;
  /** Object keys and list elements together. */
  maxKeys: number;
}

/** The limits of one event. */
export const EVENT_JSON_LIMITS: JsonLimits = { maxDepth: 32, maxKeys: 2000 };

/**
 * Checks nesting and size of a parsed JSON value, without recursion, so that no depth can overflow the stack. A scalar has depth 0, `{}` has 1.
 * Gives what is exceeded, or null.
 *
 * @example checkJsonLimits({ a: [] }, { maxDepth: 1, maxKeys: 10 }) // 'deep'
 */
export function checkJsonLimits(value: JsonValue, limits: JsonLimits = EVENT_JSON_LIMITS): 'deep' | 'keys' | null {
  if (value === null || typeof value !== 'object') return null;
  let level: object[] = [value];
  let keys = 0;
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > limits.maxDepth) return 'deep';
    const next: object[] = [];
    for (const node of level) {
      const children: JsonValue[] = Array.isArray(node) ? node : Object.values(node);
      keys += children.length;
      if (keys > limits.maxKeys) return 'keys';
      for (const child of children) if (child !== null && typeof child === 'object') next.push(child);
    }
    level = next;
  }
  return null;
}
