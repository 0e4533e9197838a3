import { definePlugin, segmentSettings } from '@firsthand/plugin-sdk';
import { events } from './events.js';

/** The website: behaviour, orders and sign-ins over the Segment-compatible tracking API. */
export default definePlugin({
  id: 'web',
  version: '0.1.0',
  name: 'Website',
  description: 'Events of a website, sent by an SDK that speaks the Segment spec.',
  channel: 'web',
  sdk: '^0.1.0',
  settings: segmentSettings,
  sources: { events },
});
