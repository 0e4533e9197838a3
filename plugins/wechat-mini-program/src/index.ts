import { definePlugin } from '@firsthand/plugin-sdk';
import { clientEvents } from './client-events.js';
import { messages } from './messages.js';
import { settings } from './settings.js';

export { decryptUserData } from './login/decrypt-user-data.js';

/** A WeChat mini-program: what people do in it, and what WeChat's servers tell of them. */
export default definePlugin({
  id: 'wechat-mini-program',
  version: '0.1.0',
  name: 'WeChat mini-program',
  description: 'Events of a WeChat mini-program and the message push of WeChat.',
  channel: 'mini-program',
  sdk: '^0.1.0',
  settings,
  sources: { messages, 'client-events': clientEvents },
});
