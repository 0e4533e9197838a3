import { createHmac, randomUUID } from 'node:crypto';
import { seconds, type FakeChange, type FakeConsent, type FakeCustomer } from './fake-shopify-customers.js';

/** A webhook that the shop sends, or has yet to. */
export interface FakeWebhook {
  topic: string;
  body: Record<string, unknown>;
  /** ISO 8601, with nanoseconds as Shopify writes them. */
  triggeredAt: string;
  webhookId: string;
}

const TOPICS = {
  create: 'customers/create', update: 'customers/update', delete: 'customers/delete', merge: 'customers/merge', tags_added: 'customer.tags_added', tags_removed: 'customer.tags_removed',
  email_consent: 'customers_email_marketing_consent/update', sms_consent: 'customers_marketing_consent/update',
} as const;

/** The webhook that tells of a change, whoever made it: Shopify tells an app of what the app itself wrote, too. */
export function webhookOf(change: FakeChange, now: number): FakeWebhook {
  return { topic: TOPICS[change.kind], body: bodyOf(change, now), triggeredAt: `${new Date(now).toISOString().slice(0, 23)}000000Z`, webhookId: randomUUID() };
}

/**
 * The request that brings a webhook, signed over its body with the app's secret.
 *
 * @example const { headers, body } = signedWebhook(webhook, { shop: 'acme.myshopify.com', secret, apiVersion: '2026-10' });
 */
export function signedWebhook({ topic, body, triggeredAt, webhookId }: FakeWebhook, { shop, secret, apiVersion }: { shop: string; secret: string; apiVersion: string }): { headers: Record<string, string>; body: string } {
  const text = JSON.stringify(body);
  return {
    body: text,
    headers: {
      'content-type': 'application/json', 'x-shopify-topic': topic, 'x-shopify-shop-domain': shop, 'x-shopify-api-version': apiVersion, 'x-shopify-webhook-id': webhookId,
      'x-shopify-triggered-at': triggeredAt, 'x-shopify-hmac-sha256': createHmac('sha256', secret).update(text).digest('base64'),
    },
  };
}

function bodyOf({ kind, customer, tags = [], deleted }: FakeChange, now: number): Record<string, unknown> {
  const gid = `gid://shopify/Customer/${customer.id}`;
  switch (kind) {
    case 'create': case 'update': return customerBody(customer);
    case 'delete': return { id: customer.id, tax_exemptions: [], admin_graphql_api_id: gid };
    case 'merge': return { admin_graphql_api_customer_kept_id: gid, admin_graphql_api_customer_deleted_id: `gid://shopify/Customer/${deleted?.id}`, admin_graphql_api_job_id: null, status: 'completed', errors: [] };
    case 'tags_added': case 'tags_removed': return { customerId: gid, tags, occurredAt: seconds(now) };
    case 'email_consent': return { customer_id: customer.id, email_address: customer.email, email_marketing_consent: consentBody(customer.emailConsent) };
    case 'sms_consent': return { id: customer.id, phone: customer.phone, sms_marketing_consent: { ...consentBody(customer.smsConsent), consent_collected_from: 'OTHER' } };
  }
}

/** As versions since 2025-01 have it: without tags, sums of orders, and consents, which have topics of their own. */
function customerBody({ id, email, phone, firstName, lastName, note, createdAt, updatedAt }: FakeCustomer): Record<string, unknown> {
  return {
    id, created_at: createdAt, updated_at: updatedAt, first_name: firstName, last_name: lastName, state: 'disabled', note, verified_email: true, multipass_identifier: null,
    tax_exempt: false, email, phone, currency: 'EUR', addresses: [], tax_exemptions: [], admin_graphql_api_id: `gid://shopify/Customer/${id}`,
  };
}

function consentBody({ state, optInLevel, updatedAt }: FakeConsent): Record<string, unknown> {
  return { state: state.toLowerCase(), opt_in_level: optInLevel?.toLowerCase() ?? null, consent_updated_at: updatedAt };
}
