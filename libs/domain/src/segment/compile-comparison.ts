import type { JsonValue } from '../json.js';
import type { ComparisonOperator } from './condition.js';
import { parseIsoDate } from './iso-date.js';

/** A compiled comparison. `holds` never holds for an absent value; `isNegated` says that the operator is its exact opposite. */
export interface Comparison {
  holds(actual: JsonValue | undefined): boolean;
  isNegated: boolean;
}

const OPPOSITE: Partial<Record<ComparisonOperator, ComparisonOperator>> = { neq: 'eq', notIn: 'in', notExists: 'exists' };

/**
 * Compiles one operator and its value, which must have passed `parseCondition`.
 *
 * Strict on purpose: nothing is converted, so a value of another type never matches. Strings are case-sensitive;
 * `gt gte lt lte` compare a number with a number or an ISO date with an ISO date, `before after` ISO dates. A list matches
 * if any of its elements does; `contains` on a list wants an element equal to the value, on a string a part of it.
 * `null` (an unset field) and an empty list are absent. `neq`, `notIn` and `notExists` are the exact opposites
 * of `eq`, `in` and `exists`: they hold for an absent value and for one of another type.
 *
 * @example compileComparison('in', ['Shanghai', 'Suzhou']).holds('Suzhou') // true
 */
export function compileComparison(op: ComparisonOperator, value?: JsonValue): Comparison {
  const opposite = OPPOSITE[op];
  const one = compileOne(opposite ?? op, value);
  const holds = (actual: JsonValue | undefined): boolean => {
    if (!Array.isArray(actual)) return one(actual);
    return op === 'contains' ? actual.includes(value ?? null) : actual.some(holds);
  };
  return { holds, isNegated: opposite !== undefined };
}

function compileOne(op: ComparisonOperator, value: JsonValue | undefined): (actual: JsonValue | undefined) => boolean {
  switch (op) {
    case 'eq':
      return (actual) => actual === value;
    case 'in': {
      const values = new Set<JsonValue | undefined>(Array.isArray(value) ? value : []);
      return (actual) => values.has(actual);
    }
    case 'contains':
      return (actual) => typeof actual === 'string' && typeof value === 'string' && actual.includes(value);
    case 'startsWith':
      return (actual) => typeof actual === 'string' && typeof value === 'string' && actual.startsWith(value);
    case 'gt':
      return compileOrder(value, (actual, limit) => actual > limit);
    case 'gte':
      return compileOrder(value, (actual, limit) => actual >= limit);
    case 'lt':
      return compileOrder(value, (actual, limit) => actual < limit);
    case 'lte':
      return compileOrder(value, (actual, limit) => actual <= limit);
    case 'after':
      return typeof value === 'string' ? compileOrder(value, (actual, limit) => actual > limit) : () => false;
    case 'before':
      return typeof value === 'string' ? compileOrder(value, (actual, limit) => actual < limit) : () => false;
    default:
      return (actual) => actual !== undefined && actual !== null;
  }
}

/** NaN, the reading of anything that is no ISO date, compares false with everything. */
function compileOrder(value: JsonValue | undefined, compare: (actual: number, limit: number) => boolean) {
  if (typeof value === 'number') return (actual: JsonValue | undefined) => typeof actual === 'number' && compare(actual, value);
  const limit = typeof value === 'string' ? parseIsoDate(value) : NaN;
  return (actual: JsonValue | undefined) => typeof actual === 'string' && compare(parseIsoDate(actual), limit);
}
