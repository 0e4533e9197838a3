import type { JsonValue } from '../json.js';
import type { EventFacts, PROPERTY_ROOTS } from './match-properties.js';

/** Sums are kept as whole numbers of this part of one: 0.1 + 0.2 is 0.3 in whatever order it is added. */
export const SUM_SCALE = 10_000;

/** More than this in one event is no amount that anybody adds up, and would take a sum out of the exact range. */
const MAX_AMOUNT = 1_000_000_000;

/** A number as sums keep it. */
export function scaleAmount(amount: number): number {
  return Math.round(amount * SUM_SCALE);
}

/**
 * Compiles the path of a sum: all numbers that it finds in one event, through lists too, added up and scaled by {@link SUM_SCALE}. Anything
 * else there counts nothing.
 *
 * @example compileSum('order.lines.quantity')(record) // 30000 for lines of 1 and 2 pieces
 */
export function compileSum(path: string): (event: EventFacts) => number {
  const keys = path.split('.');
  const sumOf = (value: JsonValue | undefined, depth: number): number => {
    if (Array.isArray(value)) return value.reduce<number>((sum, element) => sum + sumOf(element, depth), 0);
    if (depth === keys.length) return typeof value === 'number' && Math.abs(value) <= MAX_AMOUNT ? scaleAmount(value) : 0;
    if (value === null || typeof value !== 'object') return 0;
    const key = keys[depth] as string;
    return Object.hasOwn(value, key) ? sumOf(value[key], depth + 1) : 0;
  };
  const root = keys[0] as (typeof PROPERTY_ROOTS)[number];
  return (event) => sumOf(event[root], 1);
}
