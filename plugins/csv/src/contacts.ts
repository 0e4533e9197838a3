import { defineSource, file } from '@firsthand/plugin-sdk';
import { contactRow } from './fixtures/rows.js';
import { contactsMapping } from './mapping/contacts-mapping.js';
import { settings } from './settings.js';

/** Members, customers or newsletter readers, one per row. */
export const contacts = defineSource(settings, {
  label: 'Contacts',
  description: 'A file of people, one per row, from a system without a connector.',
  emits: ['Profile Updated'],
  trigger: file({ formats: ['csv', 'ndjson'] }),
  mapping: contactsMapping,
  sample: contactRow,
});
