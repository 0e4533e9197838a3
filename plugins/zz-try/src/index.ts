import {
  classifyResponse, defineDestination, definePlugin, defineSource, email, hmacSha256, jsonRecords, text, url, webhook,
} from '@firsthand/plugin-sdk';

/** What an operator enters for a connection. Secrets are encrypted at rest and never shown again. */
const settings = {
  signingSecret: text('Signing secret', { required: true, secret: true, description: 'Signs the webhooks that Zz Try sends.' }),
  apiBaseUrl: url('API address', { required: true, default: 'https://api.example.com' }),
  apiKey: text('API key', { required: true, secret: true }),
};

/** Zz Try posts paid orders to us. */
const orderPaid = defineSource(settings, {
  label: 'Order paid',
  description: 'Paid orders, as they happen.',
  emits: ['Order Completed'],
  trigger: webhook({ verify: hmacSha256({ header: 'x-signature', encoding: 'hex', secret: (s) => s.signingSecret }) }),
  *records({ body }) {
    yield* jsonRecords(body, 'orders');
  },
  // The left side is canonical, see /dictionary; the right side is a template over the raw record.
  mapping: {
    name: { $const: 'Order Completed' },
    messageId: 'order-{{id}}',
    occurredAt: '{{paid_at}}',
    'identities.customerId': '{{customer.id}}',
    'identities.email': '{{customer.email}}',
    'profile.email': '{{customer.email}}',
    'profile.firstName': '{{customer.first_name}}',
    'order.orderId': '{{id}}',
    'order.total': '{{money total currency}}',
  },
  sample: {
    id: 1001, paid_at: '2026-11-24T08:00:00Z', total: '129.00', currency: 'EUR',
    customer: { id: 7290014, email: 'ana@example.com', first_name: 'Ana' },
  },
});

/** We make or change the contact in Zz Try. */
const upsertContact = defineDestination(settings, {
  label: 'Contact',
  description: 'Makes or changes the contact with this email.',
  accepts: 'profile',
  suggests: { purpose: 'marketing', recipient: 'processor' },
  // The call sets a state, so that a repetition changes nothing.
  idempotency: 'natural',
  fields: {
    email: email('Email', { required: true, from: '{{default profile.email identities.email}}' }),
    firstName: text('First name', { from: '{{profile.firstName}}' }),
  },
  identifiers: ['email'],
  async send({ settings: { apiBaseUrl, apiKey }, payload, http, signal, now }) {
    const response = await http.request(
      { method: 'PUT', url: `${apiBaseUrl}/contacts`, headers: { authorization: `Bearer ${apiKey}` }, json: { ...payload } },
      { signal },
    );
    classifyResponse(response, now);
  },
});

export default definePlugin({
  id: 'zz-try',
  version: '0.1.0',
  name: 'Zz Try',
  description: 'Orders from Zz Try, contacts to it.',
  channel: 'crm',
  sdk: '^0.1.0',
  settings,
  sources: { 'order-paid': orderPaid },
  destinations: { 'upsert-contact': upsertContact },
});
