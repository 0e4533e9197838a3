import { defineSource, hmacSha256, InvalidSignature, webhook, type WebhookTrigger } from '@firsthand/plugin-sdk';
import { orderPaid } from './fixtures/order-paid.js';
import { webhookMapping } from './mapping/webhook-mapping.js';
import { readWebhook } from './read-webhook.js';
import { settings } from './settings.js';

interface Secrets {
  shop: string;
  secret?: string;
}

const verifyBody = hmacSha256<Secrets>({ header: 'x-shopify-hmac-sha256', encoding: 'base64', secret: ({ secret }) => secret ?? '' });

/** The signature, over the raw body (Shopify, "Deliver webhooks through HTTPS"), and the shop: one app's secret signs for all shops that installed it. */
const verify: WebhookTrigger<Secrets>['verify'] = (request, connection, context) => {
  verifyBody(request, connection, context);
  if (request.headers['x-shopify-shop-domain'] !== connection.shop) throw new InvalidSignature('The webhook is of another shop.');
};

const [sample = null] = readWebhook({
  headers: { 'x-shopify-topic': 'orders/paid', 'x-shopify-shop-domain': 'acme.myshopify.com', 'x-shopify-webhook-id': 'b54557e4-8bcb-4e2a-a1d0-2b1d1e7cde10' },
  body: new TextEncoder().encode(JSON.stringify(orderPaid)),
});

/** Sales, refunds and customers of the shop's registers and online store. */
export const orders = defineSource(settings, {
  label: 'Orders and customers',
  description: 'Paid, changed, cancelled and refunded orders; customers made, changed, merged or deleted, and their marketing consents, by webhook.',
  emits: ['Order Completed', 'Order Updated', 'Order Cancelled', 'Order Refunded', 'Profile Updated', 'Marketing Consent Updated', 'Identities Linked', 'Profile Deleted'],
  // An order of many lines comes with several thousand values.
  trigger: webhook({ verify, maxBodyBytes: 4 * 1024 * 1024 }),
  records: readWebhook,
  mapping: webhookMapping,
  sample,
});
