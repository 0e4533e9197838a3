import type { JsonValue } from '../json.js';

export type ComparisonOperator =
  | 'eq' | 'neq' | 'gt' | 'gte' | 'lt' | 'lte' | 'in' | 'notIn' | 'contains' | 'startsWith' | 'exists' | 'notExists' | 'before' | 'after';

/** A span of time. Exactly one unit. `days` in a count window are UTC calendar days, today included. */
export type Span = { seconds: number } | { minutes: number } | { hours: number } | { days: number };

/** A condition on one property of an event; `path` is relative to the event (`properties.sku`, `order.lines.category`; a list matches if any element does). */
export interface PropertyCondition {
  path: string;
  op: ComparisonOperator;
  value?: JsonValue;
}

/**
 * One condition tree for segments and flow filters.
 * An empty `all` holds, an empty `any` does not.
 */
export type Condition =
  | { all: Condition[] }
  | { any: Condition[] }
  | { not: Condition }
  /** A canonical profile field, e.g. `{ trait: 'city', op: 'eq', value: 'Shanghai' }`. `before`/`after` take an ISO date or `{ ago: Span }`. */
  | { trait: string; op: ComparisonOperator; value?: JsonValue }
  /**
   * Did the event (at least once, or as `count` says), within the last span, or ever. `name: '*'` is any track, page or screen event.
   * `not` around it says "did not".
   */
  | { event: string; where?: PropertyCondition[]; within?: Span; count?: { op: 'eq' | 'gte' | 'gt' | 'lte' | 'lt'; value: number } }
  | { segment: string }
  | { consent: string };
