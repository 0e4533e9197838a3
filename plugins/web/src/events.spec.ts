import { testSource } from '@firsthand/plugin-testing';
import { orderCompleted } from './fixtures/order-completed.js';
import { pageViewed } from './fixtures/page-viewed.js';
import plugin from './index.js';

const EUR = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });
const anonymousId = { namespace: 'anonymousId', value: '9b3f0f5e-0f5b-4d7c-9b63-2d7f7d8c9a10' };

testSource(plugin, 'events', {
  settings: { country: 'DE', currency: 'EUR' },
  fixtures: [
    {
      name: 'a page call of analytics.js',
      body: pageViewed,
      expected: {
        type: 'page', name: 'Page Viewed', occurredAt: Date.UTC(2026, 10, 24), identities: [anonymousId], consents: { analytics: true, advertising: false },
        properties: { path: '/shoes', title: 'Shoes', name: 'Product List' }, context: { campaign: { source: 'newsletter' }, timezone: 'Europe/Berlin' },
      },
    },
    {
      name: "an order of RudderStack's SDK",
      body: orderCompleted,
      expected: {
        type: 'track', name: 'Order Completed', consents: { analytics: true, advertising: false }, profile: {},
        identities: [{ namespace: 'userId', value: 'u-20481' }, { namespace: 'email', value: 'ana@example.com' }, anonymousId],
        order: {
          orderId: 'o-20261124-0042', total: EUR(12990), shipping: EUR(490),
          lines: [{ productId: 'p-507', sku: 'RS-42-BLK', quantity: 2, price: EUR(5990), imageUrl: 'https://shop.example.com/p/507.jpg' }],
        },
        context: { sessionId: '1795478400000', screen: { width: 1280 } },
      },
    },
    {
      name: 'an identify call',
      body: { type: 'identify', messageId: 'm-3', timestamp: '2026-11-24T08:00:00.000Z', userId: 'u-20481', traits: { email: 'Ana@Example.com', phone: '030 12345678', gender: 'F' } },
      expected: { type: 'identify', name: 'Profile Updated', profile: { email: 'ana@example.com', phone: '+493012345678', gender: 'female' } },
    },
  ],
});
