import { text } from '../fields.js';

/**
 * The settings that `segmentSpecMapping` reads.
 *
 * @example definePlugin({ settings: segmentSettings, … })
 */
export const segmentSettings = {
  country: text('Country', {
    description: 'ISO 3166-1 alpha-2 country that phone numbers without a country code are read in.',
    example: 'CN',
    pattern: '^[A-Z]{2}$',
  }),
  currency: text('Currency', {
    description: 'ISO 4217 currency of amounts whose event names none.',
    example: 'CNY',
    pattern: '^[A-Z]{3}$',
  }),
};
