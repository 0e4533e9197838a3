import type { JsonValue } from '../json.js';

export type ComparisonOperator =
  | 'eq' | 'neq' | 'gt' | 'gte' | 'lt' | 'lte' | 'in' | 'notIn' | 'contains' | 'startsWith' | 'exists' | 'notExists' | 'before' | 'after';

/** A span of time. Exactly one unit. `days` in a count window are UTC calendar days, today included. */
export type Span = { seconds: number } | { minutes: number } | { hours: number } | { days: number };

/** A time: an ISO 8601 date, or one that moves with the clock. */
export type Moment = string | { ago: Span } | { ahead: Span };

/** How a number is compared. */
export type NumberOperator = 'eq' | 'gte' | 'gt' | 'lte' | 'lt';

/** A test of a number. */
export interface NumberTest {
  op: NumberOperator;
  value: number;
}

/** A test of a time. */
export interface TimeTest {
  op: 'before' | 'after';
  value: Moment;
}

/** A condition on one property of an event; `path` is relative to the event (`properties.sku`, `order.lines.category`; a list matches if any element does). */
export interface PropertyCondition {
  path: string;
  op: ComparisonOperator;
  value?: JsonValue;
}

/**
 * What a person did: at least once, or as one of `count`, `sum`, `first` and `last` says; within the last span, or ever. The event `*` is any
 * track, page or screen event. `not` around it says "did not". A sum adds up the numbers that `path` finds in each event.
 */
export interface EventCondition {
  event: string;
  where?: PropertyCondition[];
  within?: Span;
  count?: NumberTest;
  sum?: NumberTest & { path: string };
  first?: TimeTest;
  last?: TimeTest;
}

/** Events in this order, each later than the one before, all of them within the last span or ever. */
export interface SequenceCondition {
  sequence: { event: string; where?: PropertyCondition[] }[];
  within?: Span;
}

/** Completed orders: how many, for how much (in the currency's minor unit), since when and how lately. All that is given must hold. */
export interface OrdersCondition {
  orders: {
    /** Days in which `count` and `amount` count; ever when left out. */
    within?: { days: number };
    count?: NumberTest;
    amount?: NumberTest & { currency: string };
    first?: TimeTest;
    last?: TimeTest;
  };
}

/** In a flow only: compares a value in the answer to an earlier `call` step, by the step's id; `path` is relative to the answer. */
export interface AnswerCondition {
  answer: string;
  path: string;
  op: ComparisonOperator;
  value?: JsonValue;
}

/** Ways to reach a person. */
export type ReachChannel = 'email' | 'phone' | 'wechat' | 'device';

/**
 * One condition tree for segments and flow filters.
 * An empty `all` holds, an empty `any` does not.
 */
export type Condition =
  | { all: Condition[] }
  | { any: Condition[] }
  | { not: Condition }
  /** A canonical profile field, e.g. `{ trait: 'city', op: 'eq', value: 'Shanghai' }`. `before` and `after` take a {@link Moment}. */
  | { trait: string; op: ComparisonOperator; value?: JsonValue }
  | EventCondition
  | SequenceCondition
  | OrdersCondition
  | { segment: string }
  /** Stands on a static list, by the segment's id, with or without consent to that segment's purpose. */
  | { list: string }
  | { consent: string }
  /** Has an identity of the channel, and has consented to the purpose. */
  | { reachable: ReachChannel; purpose: string }
  | AnswerCondition;
