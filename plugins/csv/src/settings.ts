import { boolean, select, text } from '@firsthand/plugin-sdk';

/** How the files of one connection are written. */
export const settings = {
  country: text('Country', {
    description: 'ISO 3166-1 alpha-2 country that phone numbers without a country code are read in.',
    example: 'CN',
    pattern: '^[A-Z]{2}$',
  }),
  currency: text('Currency', {
    description: 'ISO 4217 currency of amounts in rows whose column `currency` is empty.',
    example: 'CNY',
    pattern: '^[A-Z]{3}$',
  }),
  decimalComma: boolean('Decimal comma', { description: 'Amounts and quantities are written 1.234,50 instead of 1,234.50.', default: false }),
  dateOrder: select('Order of day and month', ['dmy', 'mdy'], { description: 'How dates such as 03/04/2026 are read. Without it only dates that begin with the year are.' }),
  offset: text('Zone offset', {
    description: 'Offset from UTC of times that name none.',
    example: '+08:00',
    pattern: '^(?:Z|[+-]\\d\\d:\\d\\d)$',
  }),
};
