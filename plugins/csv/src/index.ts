import { definePlugin } from '@firsthand/plugin-sdk';
import { contacts } from './contacts.js';
import { receipts } from './receipts.js';
import { settings } from './settings.js';

/** Files: people and sales from systems that can only export. */
export default definePlugin({
  id: 'csv',
  version: '0.1.0',
  name: 'CSV files',
  description: 'Contacts and receipts from CSV or NDJSON files.',
  channel: 'file',
  sdk: '^0.1.0',
  settings,
  sources: { contacts, receipts },
});
