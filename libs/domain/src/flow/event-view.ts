import type { CanonicalRecord } from '../canonical/canonical-record.js';
import type { JsonObject, JsonValue } from '../json.js';

/**
 * An event as templates of flows read it.
 *
 * @example compileMapping({ key: '{{event.properties.cartId}}' }).apply({ event: eventView(record) }, {}).key
 */
export function eventView({ name, type, messageId, occurredAt, properties, order, product, store, context }: CanonicalRecord): JsonObject {
  const view: Record<string, JsonValue | undefined> = { name, type, messageId, occurredAt: new Date(occurredAt).toISOString(), properties, order, product, store, context };
  return Object.fromEntries(Object.entries(view).filter(([, value]) => value !== undefined)) as JsonObject;
}
