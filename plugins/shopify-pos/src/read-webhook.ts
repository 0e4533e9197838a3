import { jsonRecords, MalformedBody, type JsonObject, type JsonValue } from '@firsthand/plugin-sdk';
import { isId, isObject } from './is-object.js';
import { readCustomer, readDeletion, readEmailConsent, readMerge, readRedaction, readSmsConsent } from './read-customer.js';
import { refundTotal } from './refund-total.js';
import { trimOrder, trimRefund } from './trim-body.js';

interface Webhook {
  body: Uint8Array;
  headers: Record<string, string | undefined>;
}

type Read = (body: JsonObject) => JsonObject[];

/** What each topic gives. The signature covers the body alone, so each reader checks that the body is of the kind its topic names. */
const READERS: ReadonlyMap<string, Read> = new Map([
  ['orders/paid', readOrder],
  ['orders/updated', readOrder],
  ['orders/cancelled', readOrder],
  ['refunds/create', readRefund],
  ['customers/create', readCustomer],
  ['customers/update', readCustomer],
  ['customers_email_marketing_consent/update', readEmailConsent],
  ['customers_marketing_consent/update', readSmsConsent],
  ['customers/merge', readMerge],
  ['customers/delete', readDeletion],
  ['customers/redact', readRedaction],
]);

/**
 * Reads a webhook of Shopify's Admin API. Gives raw records `{ topic, webhookId, eventId, triggeredAt, shop, kind, body }`, for an order also one
 * per refund in it, with the order beside it as `order`. A sale that names nobody, or is marked as a test, gives none.
 *
 * @throws MalformedBody when the topic is not taken here, or the body is not of its kind.
 */
export function* readWebhook({ body, headers }: Webhook): Iterable<JsonValue> {
  const topic = headers['x-shopify-topic'] ?? '';
  const read = READERS.get(topic);
  if (read === undefined) throw new MalformedBody(`The topic is none of ${[...READERS.keys()].join(', ')}.`);
  const envelope = {
    topic,
    webhookId: headers['x-shopify-webhook-id'] ?? null,
    eventId: headers['x-shopify-event-id'] ?? null,
    triggeredAt: headers['x-shopify-triggered-at'] ?? null,
    shop: headers['x-shopify-shop-domain'] ?? null,
  };
  for (const object of jsonRecords(body)) {
    if (!isObject(object)) throw new MalformedBody('The body is no JSON object.');
    for (const record of read(object)) yield { ...envelope, ...record };
  }
}

function readOrder(order: JsonObject): JsonObject[] {
  if (!isId(order.id) || !Array.isArray(order.line_items)) throw new MalformedBody('The body is no order.');
  if (order.test === true || !namesSomebody(order)) return [];
  const trimmed = trimOrder(order);
  const refunds = Array.isArray(order.refunds) ? order.refunds.filter(isObject) : [];
  return [{ kind: 'order', body: trimmed }, ...refunds.flatMap((refund) => readRefund(refund).map((record) => ({ ...record, order: withoutLines(trimmed) })))];
}

/** The person and the place of a refund: its own webhook has neither. */
function withoutLines({ line_items: _lines, shipping_lines: _shipping, ...order }: JsonObject): JsonObject {
  return order;
}

function readRefund(refund: JsonObject): JsonObject[] {
  if (!isId(refund.id) || !isId(refund.order_id) || !Array.isArray(refund.transactions)) throw new MalformedBody('The body is no refund.');
  return [{ kind: 'refund', body: { ...trimRefund(refund), ...refundTotal(refund.transactions) } }];
}

/** A walk-in sale has no customer. Note attributes and metafields may still hold a member number. */
function namesSomebody({ customer, email, phone, note_attributes, metafields }: JsonObject): boolean {
  return [customer, email, phone].some((value) => value !== undefined && value !== null && value !== '') || [note_attributes, metafields].some((list) => Array.isArray(list) && list.length > 0);
}
