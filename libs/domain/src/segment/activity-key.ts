import { hash } from 'node:crypto';
import { encodeStoredKey } from '../profile/stored-key.js';
import type { PropertyCondition } from './condition.js';

/** The key under which any track, page or screen event is counted. */
export const ANY_ACTIVITY = '*';

/**
 * The stored key of an activity counter: the encoded event name, `*` for any, and with property conditions `name#hash`. Equal sets of
 * conditions give one key in any order.
 *
 * @example profile.activity[activityKey('Order Completed')]?.last
 */
export function activityKey(name: string, where: readonly PropertyCondition[] = []): string {
  const base = encodeStoredKey(name);
  if (where.length === 0) return base;
  const conditions = new Set(where.map(({ path, op, value }) => JSON.stringify([path, op, value ?? null])));
  return `${base}#${hash('sha256', JSON.stringify([...conditions].sort()), 'base64url').slice(0, 16)}`;
}
