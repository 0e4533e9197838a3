/**
 * A key as a step of a JSON Pointer (RFC 6901, section 3).
 *
 * @example `/consentCategories/${pointerToken('ads/social')}` // '/consentCategories/ads~1social'
 */
export function pointerToken(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** The key that a step of a JSON Pointer stands for. */
export function keyOfToken(token: string): string {
  return token.replaceAll('~1', '/').replaceAll('~0', '~');
}

/**
 * A JSON Pointer from the steps of a path.
 *
 * @example pointer(['steps', 0, 'a/b']) // '/steps/0/a~1b'
 */
export function pointer(path: readonly PropertyKey[]): string {
  return path.map((step) => `/${pointerToken(String(step))}`).join('');
}
