import { MalformedBody, type JsonObject, type JsonValue } from '@firsthand/plugin-sdk';
import { customerNumber } from './admin/who.js';
import { isId, isObject } from './is-object.js';
import { trimCustomer } from './trim-body.js';

/** The states of a marketing consent that say yes or no; the others say that nobody was asked, or has not confirmed. */
const DECISIONS = new Set(['subscribed', 'unsubscribed', 'redacted']);
const MERGED = new Set(['completed', 'succeeded']);

type ConsentKind = 'emailConsent' | 'smsConsent';

/**
 * A customer and, apart from it, each marketing consent with the moment it was given: the webhook comes at every change of the customer, and a
 * consent that is repeated then must not look newer than a withdrawal in another channel.
 *
 * @throws MalformedBody when the body is no customer.
 */
export function readCustomer(customer: JsonObject): JsonObject[] {
  if (!isId(customer.id) || Array.isArray(customer.line_items) || customer.order_id !== undefined) throw new MalformedBody('The body is no customer.');
  const { id = null, email = null, phone = null, created_at = null, updated_at = null } = customer;
  const who = { id, email, phone, created_at, updated_at };
  return [
    { kind: 'customer', body: trimCustomer(customer) },
    ...readConsent('emailConsent', who, customer.email_marketing_consent), ...readConsent('smsConsent', who, customer.sms_marketing_consent),
  ];
}

/** A consent by email that was given or withdrawn, by a topic of its own: newer versions of the API do not repeat it with the customer. */
export function readEmailConsent({ customer_id: id, email_address: email = null, email_marketing_consent: consent }: JsonObject): JsonObject[] {
  if (!isId(id) || !isObject(consent)) throw new MalformedBody('The body is no consent by email.');
  return readConsent('emailConsent', { id, email }, consent);
}

/** Likewise by text message. */
export function readSmsConsent({ id, phone = null, sms_marketing_consent: consent }: JsonObject): JsonObject[] {
  if (!isId(id) || !isObject(consent)) throw new MalformedBody('The body is no consent by text message.');
  return readConsent('smsConsent', { id, phone }, consent);
}

/** Two customers who were made one. One that failed or goes on has changed nothing. */
export function readMerge({ admin_graphql_api_customer_kept_id: kept, admin_graphql_api_customer_deleted_id: deleted, status }: JsonObject): JsonObject[] {
  const ids = [kept, deleted].flatMap((gid) => customerNumber(gid) ?? []);
  if (ids.length !== 2 || typeof status !== 'string') throw new MalformedBody('The body is no merge of two customers.');
  return MERGED.has(status.toLowerCase()) ? [{ kind: 'merge', body: { ids } }] : [];
}

/** What a deleted customer has no more: a body of another topic that has it was put under this one. */
const OF_THE_LIVING = ['created_at', 'line_items', 'order_id', 'email_marketing_consent', 'sms_marketing_consent', 'customer_id'] as const;

/** A customer whom staff have deleted: nothing of them is left but the id. */
export function readDeletion(customer: JsonObject): JsonObject[] {
  const { id, admin_graphql_api_id: gid = null } = customer;
  const isOther = OF_THE_LIVING.some((name) => (customer[name] ?? null) !== null) || (gid !== null && gid !== `gid://shopify/Customer/${String(id)}`);
  if (!isId(id) || isOther) throw new MalformedBody('The body is no deleted customer.');
  return [{ kind: 'deletion', body: { id } }];
}

/** A customer whose data is to be erased. */
export function readRedaction(redaction: JsonObject): JsonObject[] {
  const { customer, orders_to_redact: orders } = redaction;
  if (!isObject(customer) || !Array.isArray(orders)) throw new MalformedBody('The body names no customer.');
  const { id = null, email = null, phone = null } = customer;
  return [{ kind: 'redaction', body: { id, email, phone } }];
}

function readConsent(kind: ConsentKind, who: JsonObject, consent: JsonValue | undefined): JsonObject[] {
  return isObject(consent) && DECISIONS.has(String(consent.state).toLowerCase()) ? [{ kind, body: { ...who, consent } }] : [];
}
