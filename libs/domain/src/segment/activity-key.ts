import { hash } from 'node:crypto';
import { encodeStoredKey } from '../profile/stored-key.js';
import type { PropertyCondition } from './condition.js';

/** The key under which any track, page or screen event is counted. */
export const ANY_ACTIVITY = '*';

/** What a counter keeps besides counts and days. */
export interface KeptActivity {
  /** The path of the numbers that are added up. */
  sum?: string;
  /** Whether the single times are kept, for sequences. */
  times?: true;
}

/**
 * The stored key of an activity counter: the encoded event name, `*` for any, and with property conditions or anything kept besides
 * `name#hash`. Equal sets of conditions give one key in any order.
 *
 * @example profile.activity[activityKey('Order Completed')]?.last
 */
export function activityKey(name: string, where: readonly PropertyCondition[] = [], { sum, times }: KeptActivity = {}): string {
  const base = encodeStoredKey(name);
  if (where.length === 0 && sum === undefined && times === undefined) return base;
  const conditions = new Set(where.map(({ path, op, value }) => JSON.stringify([path, op, value ?? null])));
  const kept = [...(sum === undefined ? [] : [`sum ${sum}`]), ...(times === undefined ? [] : ['times'])];
  return `${base}#${hash('sha256', JSON.stringify([...[...conditions].sort(), ...kept]), 'base64url').slice(0, 16)}`;
}
