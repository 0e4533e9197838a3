import type { CanonicalRecord } from '../canonical/canonical-record.js';
import type { JsonObject } from '../json.js';

/** Kinds of data that a law may oblige to keep past an erasure: entities of the dictionary. */
export const HOLD_CATEGORIES = ['order', 'event'] as const;
export type HoldCategory = (typeof HOLD_CATEGORIES)[number];

/** A law's order to keep data of a category (GDPR art. 17(3)(b) and (e), PIPL art. 47). */
export interface LegalHold {
  category: HoldCategory;
  /** Which law, or which case. */
  reason: string;
  /** Epoch ms: from here on it holds no more. */
  until: number;
}

/**
 * What of a record is kept under a hold: the facts, and nothing that says whose they are. `order` keeps the order and the store; `event` also what else the event tells of itself.
 * Identities, traits, context and the record's own id go.
 *
 * @returns null for a record that is not of the category
 * @example heldRecord('order', record)?.order
 */
export function heldRecord(category: HoldCategory, { name, occurredAt, order, product, store, properties }: CanonicalRecord): JsonObject | null {
  if (category === 'order' && order === undefined) return null;
  const facts: JsonObject = { name, occurredAt };
  // What the customer wrote may say who they are.
  if (order !== undefined) facts.order = Object.fromEntries(Object.entries(order).filter(([field]) => field !== 'note'));
  if (store !== undefined) facts.store = store;
  if (category === 'order') return facts;
  if (product !== undefined) facts.product = product;
  return { ...facts, properties };
}
