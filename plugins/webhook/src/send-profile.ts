import { defineDestination, object } from '@firsthand/plugin-sdk';
import { messagesPerCall, postMessages } from './post-messages.js';
import { settings } from './settings.js';

/** Posts what is known of a person whenever it changes: `{ id, type: 'profile.updated', timestamp, data: { identities, profile } }`. */
export const sendProfile = defineDestination(settings, {
  label: 'Profile',
  description: 'Posts the profile of a person as signed JSON whenever it changes. The newest one wins.',
  accepts: 'profile',
  suggests: { purpose: 'analytics', recipient: 'own' },
  idempotency: 'receiver',
  fields: {
    identities: object('Identities', { required: true, from: '{{identities}}', description: 'Who it is, by kind of identity.', example: { email: 'ana@example.com' } }),
    profile: object('Profile', { required: true, from: '{{profile}}', description: 'Canonical fields of the person.' }),
  },
  identifiers: ['identities'],
  maxBatchSize: messagesPerCall,
  sendBatch: (context) => postMessages(context, 'profile.updated'),
  erase: (context) => postMessages(context, 'person.removed'),
});
