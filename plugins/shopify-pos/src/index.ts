import { definePlugin } from '@firsthand/plugin-sdk';
import { orders } from './orders.js';
import { settings } from './settings.js';

/** Shopify POS: what customers buy and give back at the register, and who they are. */
export default definePlugin({
  id: 'shopify-pos',
  version: '0.1.0',
  name: 'Shopify POS',
  description: 'Orders, refunds and customers of a Shopify shop, from its registers and its online store.',
  channel: 'store',
  sdk: '^0.1.0',
  settings,
  sources: { orders },
});
