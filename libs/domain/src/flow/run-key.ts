import type { JsonValue } from '../json.js';
import { stableId } from '../profile/stable-id.js';

const MAX_KEY = 200;

/**
 * A value as the key of a run: a string without the space around it, or a number; one that is longer than 200 characters is cut, and told apart by a digest of the whole. Null for anything else.
 *
 * @example runKey(' c1 ') // 'c1'
 */
export function runKey(value: JsonValue | undefined): string | null {
  const key = typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
  return key === '' ? null : key.length <= MAX_KEY ? key : `${key.slice(0, MAX_KEY)}~${stableId(key)}`;
}
