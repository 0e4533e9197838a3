import { defineSource } from '@firsthand/plugin-sdk';
import { subscriptionMessage } from './fixtures/messages.js';
import { pushMapping } from './push/push-mapping.js';
import { pushTrigger } from './push/push-trigger.js';
import { readPush } from './push/read-push.js';
import { settings } from './settings.js';

const [sample = null] = readPush({ body: new TextEncoder().encode(subscriptionMessage) });

/** What WeChat's servers tell: service chat, subscriptions, withdrawn authorisations. */
export const messages = defineSource(settings, {
  label: 'Message push',
  description: 'Service messages, answers to subscription messages, and authorisations that people take back.',
  emits: [
    'Service Message Sent', 'Service Session Entered', 'Subscription Message Accepted', 'Subscription Message Rejected', 'Subscription Message Sent',
    'Subscription Message Failed', 'Profile Updated', 'Profile Deleted',
  ],
  trigger: pushTrigger,
  records: readPush,
  mapping: pushMapping,
  sample,
});
