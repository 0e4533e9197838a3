import type { JsonObject, JsonValue } from '@firsthand/plugin-sdk';

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
