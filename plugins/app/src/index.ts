import { definePlugin, segmentSettings } from '@firsthand/plugin-sdk';
import { events } from './events.js';

/** The mobile app: behaviour, orders and sign-ins over the Segment-compatible tracking API. */
export default definePlugin({
  id: 'app',
  version: '0.1.0',
  name: 'Mobile app',
  description: 'Events of an iOS, Android or HarmonyOS app, sent by an SDK that speaks the Segment spec.',
  channel: 'app',
  sdk: '^0.1.0',
  settings: segmentSettings,
  sources: { events },
});
