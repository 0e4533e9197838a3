import { createHmac } from 'node:crypto';
import { testDestination, testSource } from '@firsthand/plugin-testing';
import plugin from './index.js';

const settings = { signingSecret: 'test-signing-secret', apiBaseUrl: 'https://api.example.com', apiKey: 'test-api-key' };

testSource(plugin, 'order-paid', {
  settings,
  fixtures: [
    {
      name: 'one paid order',
      body: {
        orders: [
          { id: 1001, paid_at: '2026-11-24T08:00:00Z', total: '129.00', currency: 'EUR', customer: { id: 7290014, email: 'Ana@Example.com', first_name: 'Ana' } },
        ],
      },
      expected: {
        type: 'track',
        name: 'Order Completed',
        messageId: 'order-1001',
        occurredAt: Date.UTC(2026, 10, 24, 8),
        identities: [{ namespace: 'customerId', value: '7290014' }, { namespace: 'email', value: 'ana@example.com' }],
        profile: { email: 'ana@example.com', firstName: 'Ana' },
        order: { orderId: '1001', total: { amountMinor: 12900, currency: 'EUR' } },
      },
    },
    { name: 'no orders', body: { orders: [] }, expected: [] },
  ],
  // Signs as the vendor does, written apart from the plugin's own check.
  sign: (request) => ({
    ...request,
    headers: { ...request.headers, 'x-signature': createHmac('sha256', settings.signingSecret).update(request.body).digest('hex') },
  }),
});

testDestination(plugin, 'upsert-contact', {
  settings,
  payloads: [{ email: 'ana@example.com', firstName: 'Ana-Maria' }],
});
