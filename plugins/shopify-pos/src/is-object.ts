import type { JsonObject, JsonValue } from '@firsthand/plugin-sdk';

/** Whether a value is a JSON object, and neither null nor a list. */
export function isObject(value: JsonValue | undefined): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
