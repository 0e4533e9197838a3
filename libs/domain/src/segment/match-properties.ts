import type { CanonicalRecord } from '../canonical/canonical-record.js';
import type { JsonValue } from '../json.js';
import { compileComparison } from './compile-comparison.js';
import type { PropertyCondition } from './condition.js';

/** The parts of a record that a property condition may ask about; also the first names of its paths. */
export const PROPERTY_ROOTS = ['type', 'name', 'properties', 'order', 'product', 'store', 'context'] as const;

/** A record, or as much of one as property conditions read. */
export type EventFacts = Pick<CanonicalRecord, 'type' | 'name' | 'properties' | 'context'> & Partial<Pick<CanonicalRecord, 'order' | 'product' | 'store'>>;

/** Answers whether all compiled property conditions hold for an event. */
export type PropertyMatcher = (event: EventFacts) => boolean;

/**
 * Compiles property conditions, which must have passed their schema. All must hold; an empty list holds.
 * A path through a list (`order.lines.category`) matches if any element does; with `neq`, `notIn` and `notExists` none may.
 * The comparisons are those of {@link compileComparison}.
 *
 * @example compileProperties([{ path: 'order.lines.category', op: 'eq', value: 'shoes' }])(record)
 */
export function compileProperties(conditions: readonly PropertyCondition[]): PropertyMatcher {
  const matchers = conditions.map(compileProperty);
  return (event) => matchers.every((matches) => matches(event));
}

/**
 * Like {@link compileProperties}, for a single use.
 *
 * @example matchesProperty([{ path: 'properties.sku', op: 'exists' }], record)
 */
export function matchesProperty(conditions: readonly PropertyCondition[], event: EventFacts): boolean {
  return compileProperties(conditions)(event);
}

function compileProperty(condition: PropertyCondition): PropertyMatcher {
  const [root, ...keys] = condition.path.split('.');
  const holds = compilePath({ ...condition, keys });
  return (event) => holds(event[root as (typeof PROPERTY_ROOTS)[number]]);
}

/** A comparison of what lies at a path below a value; of lists on the way any element may match. */
export function compilePath({ keys, op, value }: { keys: readonly string[] } & Pick<PropertyCondition, 'op' | 'value'>): (root: JsonValue | undefined) => boolean {
  const { holds, isNegated } = compileComparison(op, value);
  return (root) => holdsAt(root, keys, holds) !== isNegated;
}

/** Whether something holds for what lies at a path below a value, or for one of several where lists are on the way. */
export function holdsAt(root: JsonValue | undefined, keys: readonly string[], holds: (value: JsonValue | undefined) => boolean): boolean {
  const someHolds = (value: JsonValue | undefined, depth: number): boolean => {
    if (depth === keys.length) return holds(value);
    if (value === null || typeof value !== 'object') return false;
    if (Array.isArray(value)) return value.some((element) => someHolds(element, depth));
    const key = keys[depth] as string;
    return Object.hasOwn(value, key) && someHolds(value[key], depth + 1);
  };
  return someHolds(root, 0);
}
