const FORBIDDEN = new Set(['__proto__', 'prototype', 'constructor']);

/** Whether a key may be written or read by a path: no way to an object's prototype. */
export function isSafeKey(key: string): boolean {
  return !FORBIDDEN.has(key);
}
