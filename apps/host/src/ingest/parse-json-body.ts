import { isUtf8 } from 'node:buffer';
import { FirsthandError, type JsonValue } from '@firsthand/domain';

/** The key that reaches for a prototype, however it is escaped. */
const PROTOTYPE_KEY = /"(?:_|\\u005f)(?:_|\\u005f)(?:p|\\u0070)(?:r|\\u0072)(?:o|\\u006f)(?:t|\\u0074)(?:o|\\u006f)(?:_|\\u005f)(?:_|\\u005f)"\s*:/i;

/**
 * Parses JSON bytes. A key `__proto__` is dropped, whatever is below it: `JSON.parse` makes it an own key, which a later copy would turn into a prototype.
 *
 * @throws FirsthandError `MALFORMED_JSON`, also for an empty body and for bytes that are no UTF-8
 * @example parseJsonBody(Buffer.from('{"a":1}')) // { a: 1 }
 */
export function parseJsonBody(body: Uint8Array): JsonValue {
  if (!isUtf8(body)) throw new FirsthandError('MALFORMED_JSON', 'The body is not UTF-8.');
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
  return parseJsonText(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
}

/**
 * As {@link parseJsonBody}, for a text.
 *
 * @throws FirsthandError `MALFORMED_JSON`
 * @example parseJsonText('{"a":1}') // { a: 1 }
 */
export function parseJsonText(text: string): JsonValue {
  try {
    return JSON.parse(text, canHoldPrototypeKey(text) ? dropPrototypeKey : undefined) as JsonValue;
  } catch {
    // The parser's message quotes the body.
    throw new FirsthandError('MALFORMED_JSON');
  }
}

/** Two plain searches clear nearly every text; they cost far less than the expression. */
function canHoldPrototypeKey(text: string): boolean {
  return (text.includes('__proto__') || text.includes('\\u')) && PROTOTYPE_KEY.test(text);
}

/** Undefined makes `JSON.parse` leave a key out. */
function dropPrototypeKey(key: string, value: JsonValue): JsonValue | undefined {
  return key === '__proto__' ? undefined : value;
}
