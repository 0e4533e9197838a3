import { isSafeKey } from '../../canonical/safe-key.js';

const PLAIN_KEY = /^[\p{L}_][\p{L}\p{N}_]*$/u;
/** What Handlebars takes for a literal or for a place. */
const WORDS = new Set(['true', 'false', 'null', 'undefined', 'this', 'as']);

/**
 * A path of keys as it is written in a template, without the braces; undefined for keys that no template can name.
 *
 * @example templatePath(['customer', 'first name']) // 'customer.[first name]'
 */
export function templatePath(keys: readonly string[]): string | undefined {
  if (keys.length === 0 || keys.some((key) => key === '' || /[[\]{}\r\n\\]/.test(key) || !isSafeKey(key))) return undefined;
  return keys.map((key) => (PLAIN_KEY.test(key) && !WORDS.has(key) ? key : `[${key}]`)).join('.');
}
