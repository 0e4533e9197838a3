/**
 * A JSON Pointer (RFC 6901) from the steps of a path.
 *
 * @example pointer(['steps', 0, 'a/b']) // '/steps/0/a~1b'
 */
export function pointer(path: readonly PropertyKey[]): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
