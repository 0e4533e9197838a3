import type { JsonObject, JsonValue } from '@firsthand/plugin-sdk';

/** Whether a value is a JSON object, and neither null nor a list. */
export function isObject(value: JsonValue | undefined): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** Whether a value is an id of Shopify's: a number, or a text that is not empty. */
export function isId(value: JsonValue | undefined): value is number | string {
  return typeof value === 'number' || (typeof value === 'string' && value !== '');
}
