import { defineSource, file } from '@firsthand/plugin-sdk';
import { receiptRow } from './fixtures/rows.js';
import { receiptsMapping } from './mapping/receipts-mapping.js';
import { settings } from './settings.js';

/** Sales of a register, one line of a receipt per row. */
export const receipts = defineSource(settings, {
  label: 'Receipts',
  description: 'A file of sales, one line of a receipt per row, from a register without a connector.',
  emits: ['Order Completed'],
  trigger: file({ formats: ['csv', 'ndjson'] }),
  mapping: receiptsMapping,
  sample: receiptRow,
});
