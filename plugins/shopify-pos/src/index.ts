import { definePlugin } from '@firsthand/plugin-sdk';
import { customerTag } from './destinations/customer-tag.js';
import { customer } from './destinations/customer.js';
import { emailMarketing, smsMarketing } from './destinations/marketing-consent.js';
import { orders } from './orders.js';
import { settings } from './settings.js';
import { testConnection } from './test-connection.js';

/** A Shopify shop in both directions: what is bought and given back there, who its customers are, and what the brand knows of them. The id is from when it was a source alone. */
export default definePlugin({
  id: 'shopify-pos',
  version: '0.2.0',
  name: 'Shopify',
  description: 'Orders, refunds and customers of a Shopify shop, from its registers and its online store; and its customers, tags and marketing consents kept equal.',
  channel: 'store',
  sdk: '^0.1.0',
  settings,
  sources: { orders },
  destinations: { customer, 'customer-tag': customerTag, 'email-marketing': emailMarketing, 'sms-marketing': smsMarketing },
  testConnection,
});
