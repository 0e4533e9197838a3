import { definePlugin } from '@firsthand/plugin-sdk';
import { conversionEvent } from './conversion-event.js';
import { customAudience } from './custom-audience.js';
import { settings } from './settings.js';
import { testConnection } from './test-connection.js';

/** Meta (Facebook, Instagram) ads: a third party that gets hashes, for measuring conversions and for audiences. */
export default definePlugin({
  id: 'meta-ads',
  version: '0.1.0',
  name: 'Meta ads',
  description: 'Conversion events and custom audiences of Meta (Facebook and Instagram).',
  channel: 'ads',
  sdk: '^0.1.0',
  settings,
  destinations: { 'conversion-event': conversionEvent, 'custom-audience': customAudience },
  testConnection,
});
