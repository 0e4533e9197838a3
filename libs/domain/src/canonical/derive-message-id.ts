import { hash } from 'node:crypto';
import type { JsonValue } from '../json.js';

/**
 * Derives a message id from a raw record that has none: the same record gives the same id whatever the order of its keys, so that a repeated
 * delivery is one event. SHA-256 over the JSON text with sorted keys. The record must be within the limits of {@link checkJsonLimits}.
 *
 * @example deriveMessageId({ b: 1, a: 2 }) === deriveMessageId({ a: 2, b: 1 }) // true
 */
export function deriveMessageId(raw: JsonValue): string {
  return `h-${Buffer.from(hash('sha256', sortedJson(raw), 'hex'), 'hex').toString('base64url')}`;
}

function sortedJson(value: JsonValue): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(',')}]`;
  const entries = Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${sortedJson(value[key] as JsonValue)}`);
  return `{${entries.join(',')}}`;
}
