const UNSAFE = /[%.$#\0]/;
const UNSAFE_ALL = /[%.$#\0]/g;
const ESCAPED = /%([0-9A-F]{2})/g;

/**
 * Makes any text safe as a field name in the store and as a key of a plain object: `.`, `$`, `#`, `%` and NUL are
 * percent-escaped, and so are the empty name and `__proto__`. `#` is kept for the keys of conditional activity.
 *
 * @example encodeStoredKey('custom.shoeSize') // 'custom%2EshoeSize'
 */
export function encodeStoredKey(name: string): string {
  if (name === '') return '%';
  if (name === '__proto__') return '%5F_proto__';
  if (!UNSAFE.test(name)) return name;
  return name.replace(UNSAFE_ALL, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
}

/**
 * The opposite of {@link encodeStoredKey}.
 *
 * @example decodeStoredKey('custom%2EshoeSize') // 'custom.shoeSize'
 */
export function decodeStoredKey(key: string): string {
  if (key === '%') return '';
  return key.replace(ESCAPED, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
