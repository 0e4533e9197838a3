import { clearable, defineDestination, email, object, text, type JsonValue } from '@firsthand/plugin-sdk';
import { CONTACT_FIELDS } from './contact-properties.js';
import { eraseContacts } from './erase-contacts.js';
import { MAX_INPUTS } from './read-contacts.js';
import { listContacts } from './list-contacts.js';
import { ownIds, recordIdOf } from './record-id.js';
import type { ContactInput } from './send-contacts.js';
import { settings, type HubspotSettings } from './settings.js';
import { writeContacts } from './write-contacts.js';

/** Keeps one HubSpot contact per profile, known by its id, else by its email. */
export const upsertContact = defineDestination(settings, {
  label: 'Contact',
  description: 'Changes the contact of this id, or makes or changes the one with this email.',
  accepts: 'profile',
  suggests: { purpose: 'marketing', recipient: 'processor' },
  idempotency: 'natural',
  fields: {
    contactId: text('Contact ID', { from: '{{identities.crmId}}', description: 'As the sources of this plugin bring it, hubspot:<Hub ID>:<record ID>; also one of before a merge. One of another account, or a bare number, counts as none.' }),
    email: email('Email', { from: '{{default profile.email identities.email}}', description: 'Names the contact where its ID is not known; where it is, it becomes its email.' }),
    firstName: clearable(text('First name', { from: '{{profile.firstName}}' })),
    lastName: clearable(text('Last name', { from: '{{profile.lastName}}' })),
    phone: clearable(text('Phone', { from: '{{default profile.phone identities.phone}}' })),
    city: clearable(text('City', { from: '{{profile.city}}' })),
    country: clearable(text('Country', { from: '{{profile.country}}' })),
    lifecycleStage: text('Lifecycle stage', { from: '{{profile.lifecycleStage}}', description: 'Internal name, e.g. customer. HubSpot moves it forward only.' }),
    title: clearable(text('Salutation')),
    gender: clearable(text('Gender')),
    birthday: clearable(text('Date of birth', { example: '1990-05-17' })),
    street: clearable(text('Street address')),
    region: clearable(text('State or region')),
    postalCode: clearable(text('Postal code')),
    company: clearable(text('Company')),
    jobTitle: clearable(text('Job title')),
    website: clearable(text('Website')),
    language: clearable(text('Preferred language', { example: 'zh-CN', description: 'BCP 47. Only what HubSpot lists as an option is taken.' })),
    properties: object('Further properties', { description: 'By their internal name. Null (in a mapping: {"$const": null}) clears one.' }),
  },
  ownIds,
  identifiers: ['contactId', 'email'],
  maxBatchSize: MAX_INPUTS,
  sendBatch: ({ items, ...context }) => writeContacts(context, items.map(({ payload }) => toInput(payload, context.settings))),
  listRecords: { source: 'contacts', page: listContacts },
  erase: eraseContacts,
});

interface ContactPayload {
  contactId?: string;
  email?: string;
  properties?: Record<string, JsonValue>;
}

function toInput({ contactId, email: address, properties, ...payload }: ContactPayload, account: HubspotSettings): ContactInput {
  const id = recordIdOf(contactId, account);
  const given: Record<string, JsonValue | undefined> = payload;
  const known = CONTACT_FIELDS.map(({ property, field, write }): [string, JsonValue | undefined] => {
    const value = given[field];
    return [property, value === undefined || write === undefined ? value : write(value)];
  });
  return {
    ...(id === undefined ? {} : { id }),
    ...(address === undefined ? {} : { email: address }),
    properties: { ...Object.fromEntries(known), ...properties },
  };
}
