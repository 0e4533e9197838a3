import { jsonRecords, MalformedBody, type JsonObject, type JsonValue } from '@firsthand/plugin-sdk';
import { isObject } from './is-object.js';
import { refundTotal } from './refund-total.js';
import { trimCustomer, trimOrder, trimRefund } from './trim-body.js';

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
  ['customers/redact', readRedaction],
]);

/**
 * Reads a webhook of Shopify's Admin API. Gives raw records `{ topic, webhookId, eventId, shop, kind, body }`, for an order also one
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

/** The states of a marketing consent that say yes or no; the others say that nobody was asked, or has not confirmed. */
const DECISIONS = new Set(['subscribed', 'unsubscribed', 'redacted']);

/**
 * A customer and, apart from it, each marketing consent with the moment it was given: the webhook comes at every change of the customer, and a
 * consent that is repeated then must not look newer than a withdrawal in another channel.
 */
function readCustomer(customer: JsonObject): JsonObject[] {
  if (!isId(customer.id) || Array.isArray(customer.line_items) || customer.order_id !== undefined) throw new MalformedBody('The body is no customer.');
  const { id = null, email = null, phone = null, created_at = null, updated_at = null } = customer;
  const consents = (['email', 'sms'] as const).flatMap((channel) => {
    const consent = customer[`${channel}_marketing_consent`];
    return isObject(consent) && DECISIONS.has(String(consent.state).toLowerCase()) ? [{ kind: `${channel}Consent`, body: { id, email, phone, created_at, updated_at, consent } }] : [];
  });
  return [{ kind: 'customer', body: trimCustomer(customer) }, ...consents];
}

function readRedaction(redaction: JsonObject): JsonObject[] {
  const { customer } = redaction;
  if (!isObject(customer)) throw new MalformedBody('The body names no customer.');
  const { id = null, email = null, phone = null } = customer;
  return [{ kind: 'redaction', body: { id, email, phone } }];
}

/** A walk-in sale has no customer. Note attributes and metafields may still hold a member number. */
function namesSomebody({ customer, email, phone, note_attributes, metafields }: JsonObject): boolean {
  return [customer, email, phone].some((value) => value !== undefined && value !== null && value !== '') || [note_attributes, metafields].some((list) => Array.isArray(list) && list.length > 0);
}

function isId(value: JsonValue | undefined): boolean {
  return typeof value === 'number' || (typeof value === 'string' && value !== '');
}
