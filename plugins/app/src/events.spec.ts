import { testSource } from '@firsthand/plugin-testing';
import { applicationOpened } from './fixtures/application-opened.js';
import { productViewed } from './fixtures/product-viewed.js';
import plugin from './index.js';

testSource(plugin, 'events', {
  settings: { country: 'CN', currency: 'CNY' },
  fixtures: [
    {
      name: 'a lifecycle event on iOS',
      body: applicationOpened,
      expected: {
        name: 'Application Opened', properties: { fromBackground: false, appVersion: '4.2.0' },
        identities: [
          { namespace: 'userId', value: 'u-20481' },
          { namespace: 'deviceId', value: 'B5372DB0-C21E-11E4-8DFC-AA07A5B093DB' },
          { namespace: 'idfa', value: '7a3cbea0-bdf5-11e4-8dfc-aa07a5b093db' },
          { namespace: 'anonymousId', value: 'E4A1C7D2-3B5F-4A6E-9C8D-0F1E2D3C4B5A' },
        ],
        context: { app: { version: '4.2.0' }, os: { name: 'iOS' }, locale: 'zh-CN', network: { wifi: true } },
      },
    },
    {
      name: 'a product event on Android without tracking',
      body: productViewed,
      expected: {
        name: 'Product Viewed', properties: { sku: 'RS-42-BLK', price: { amountMinor: 59900, currency: 'CNY' } },
        identities: [{ namespace: 'deviceId', value: 'f1c9d4a0-5c7e-4b61-9b1c-0c7a2f6e8d11' }, { namespace: 'anonymousId', value: 'a7d1b5f0-58c1-4b8f-8a57-3cf0d5f6a7b8' }],
      },
    },
    {
      name: 'a screen call',
      body: { type: 'screen', messageId: 'm-3', timestamp: '2026-11-24T08:00:00.000Z', anonymousId: 'a-1', name: 'Cart', properties: {} },
      expected: { type: 'screen', name: 'Screen Viewed', properties: { screenName: 'Cart' } },
    },
  ],
});
