import { definePlugin } from '@firsthand/plugin-sdk';
import { contacts } from './contacts.js';
import { listMembership } from './list-membership.js';
import { settings } from './settings.js';
import { testConnection } from './test-connection.js';
import { upsertContact } from './upsert-contact.js';
import { webhooks } from './webhooks.js';

/** HubSpot as the CRM: contacts in both directions, and its static lists. */
export default definePlugin({
  id: 'hubspot',
  version: '0.1.0',
  name: 'HubSpot',
  description: 'Contacts of HubSpot, in both directions, and its static lists.',
  channel: 'crm',
  sdk: '^0.1.0',
  settings,
  sources: { webhooks, contacts },
  destinations: { 'upsert-contact': upsertContact, 'list-membership': listMembership },
  testConnection,
});
