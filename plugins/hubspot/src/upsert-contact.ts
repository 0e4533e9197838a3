import { defineDestination, email, object, text } from '@firsthand/plugin-sdk';
import { eraseContacts } from './erase-contacts.js';
import { MAX_INPUTS } from './read-contacts.js';
import { settings } from './settings.js';
import { upsertContacts } from './upsert-contacts.js';

/** Keeps one HubSpot contact per profile, known by its email. */
export const upsertContact = defineDestination(settings, {
  label: 'Contact',
  description: 'Makes or changes the contact with this email.',
  accepts: 'profile',
  suggests: { purpose: 'marketing', recipient: 'processor' },
  idempotency: 'natural',
  fields: {
    email: email('Email', { required: true, from: '{{default profile.email identities.email}}' }),
    firstName: text('First name', { from: '{{profile.firstName}}' }),
    lastName: text('Last name', { from: '{{profile.lastName}}' }),
    phone: text('Phone', { from: '{{default profile.phone identities.phone}}' }),
    city: text('City', { from: '{{profile.city}}' }),
    country: text('Country', { from: '{{profile.country}}' }),
    lifecycleStage: text('Lifecycle stage', { from: '{{profile.lifecycleStage}}', description: 'Internal name, e.g. customer. HubSpot moves it forward only.' }),
    properties: object('Further properties', { description: 'By their internal name. Null (in a mapping: {"$const": null}) clears one.' }),
  },
  identifiers: ['email'],
  maxBatchSize: MAX_INPUTS,
  sendBatch: ({ items, ...context }) =>
    upsertContacts(context, items.map(({ payload }) => ({
      email: payload.email,
      properties: {
        firstname: payload.firstName,
        lastname: payload.lastName,
        phone: payload.phone,
        city: payload.city,
        country: payload.country,
        lifecyclestage: payload.lifecycleStage,
        ...payload.properties,
      },
    }))),
  erase: eraseContacts,
});
