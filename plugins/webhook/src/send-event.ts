import { defineDestination, object } from '@firsthand/plugin-sdk';
import { messagesPerCall, postMessages } from './post-messages.js';
import { settings } from './settings.js';

/** Posts events as they happen: `{ id, type: 'event', timestamp, data: { identities, event, profile } }`. */
export const sendEvent = defineDestination(settings, {
  label: 'Event',
  description: 'Posts each event as signed JSON, with the person it is about.',
  accepts: 'event',
  suggests: { purpose: 'analytics', recipient: 'own' },
  idempotency: 'receiver',
  fields: {
    identities: object('Identities', { required: true, from: '{{identities}}', description: 'Who it is about, by kind of identity.', example: { email: 'ana@example.com' } }),
    event: object('Event', { required: true, from: '{{event}}', description: 'Type, name, time, message id and properties; order, product and store where there are any.' }),
    profile: object('Profile', { from: '{{profile}}', description: 'Canonical fields of the person.' }),
  },
  identifiers: ['identities'],
  maxBatchSize: messagesPerCall,
  sendBatch: (context) => postMessages(context, 'event'),
  erase: (context) => postMessages(context, 'person.removed'),
});
