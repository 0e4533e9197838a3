import type { JsonObject, JsonValue } from '@firsthand/domain';
import { MalformedBody } from './errors.js';

const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads raw records out of a JSON body: the elements of a list, or one object as a list of one. With `listAt`, the list that stands there in
 * the object; a body without it has no records.
 *
 * @throws MalformedBody when the body is no UTF-8, no JSON, or neither a list nor an object.
 * @example *records({ body }) { yield* jsonRecords(body, 'orders'); }
 */
export function jsonRecords(body: Uint8Array, listAt?: string): JsonValue[] {
  const parsed = parse(body);
  if (listAt === undefined) return Array.isArray(parsed) ? parsed : [asObject(parsed)];
  const object = asObject(parsed);
  const found = Object.hasOwn(object, listAt) ? object[listAt] : [];
  if (!Array.isArray(found)) throw new MalformedBody(`"${listAt}" is not a list.`);
  return found;
}

function parse(body: Uint8Array): JsonValue {
  try {
    return JSON.parse(decoder.decode(body)) as JsonValue;
  } catch {
    // The parser's own message quotes the body, which may hold personal data.
    throw new MalformedBody('The body is not valid JSON.');
  }
}

function asObject(value: JsonValue): JsonObject {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw new MalformedBody('The body is neither a JSON object nor a list.');
  return value;
}
