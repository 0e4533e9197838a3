import { definePlugin } from '@firsthand/plugin-sdk';
import { callEndpoint } from './call-endpoint.js';
import { toMessage } from './message.js';
import { postSigned } from './post-signed.js';
import { sendEvent } from './send-event.js';
import { sendProfile } from './send-profile.js';
import { settings } from './settings.js';
import { syncSegment } from './sync-segment.js';

/** Hands events, profiles and segment changes to any HTTP endpoint, and asks it in the middle of a flow, signed per Standard Webhooks (https://www.standardwebhooks.com). */
export default definePlugin({
  id: 'webhook',
  version: '0.1.0',
  name: 'Webhook',
  description: 'Posts events, profiles and segment changes as signed JSON to a URL of yours.',
  channel: 'server',
  sdk: '^0.1.0',
  settings,
  destinations: { 'send-event': sendEvent, 'send-profile': sendProfile, 'sync-segment': syncSegment, 'call-endpoint': callEndpoint },
  async testConnection(context) {
    const message = toMessage('connection.tested', { payload: {}, idempotencyKey: `test_${context.now}` }, context.now);
    await postSigned(context, message.id, message);
  },
});
