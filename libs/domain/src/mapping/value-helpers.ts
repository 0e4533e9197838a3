import { readCountry } from '../canonical/iso-3166.js';
import { CURRENCY_EXPONENTS } from '../canonical/iso-4217.js';
import { readMoney } from '../canonical/money.js';
import { readTime } from '../canonical/read-time.js';
import { normalisePhone } from '../identity/normalise-phone.js';
import { checkJsonLimits } from '../canonical/json-limits.js';
import { numberOf, textOf, type MappedValue, type MappingHelper } from './mapping-helper.js';
import { readOwn } from './read-path.js';

const TRUE_WORDS = new Set(['true', 'yes', 'y', 'on', '1']);
const FALSE_WORDS = new Set(['false', 'no', 'n', 'off', '0']);
const value = { name: 'value', description: 'The value to read.' };
const zone = { name: 'offset', description: 'Zone offset for texts that name none, e.g. `+08:00`; UTC by default.', isOptional: true };
const order = { name: 'order', description: '`dmy` or `mdy`: how to read dates like 03/04/2026.', isOptional: true };

function timeOf(moment: MappedValue, offset: MappedValue, dateOrder: MappedValue): number | undefined {
  return readTime(moment, textOf(offset) || undefined, dateOrder === 'dmy' || dateOrder === 'mdy' ? dateOrder : undefined);
}

/** Helpers that read a typed value: time, money, phone, country, number, boolean. */
export const valueHelpers: readonly MappingHelper[] = [
  {
    name: 'e164', description: 'A phone number as E.164; absent when no such number can exist.',
    args: [value, { name: 'country', description: 'ISO 3166-1 country of numbers without a country code.', isOptional: true }],
    example: { template: '{{e164 phone "CN"}}', record: { phone: '139 1234 5678' }, gives: '+8613912345678' },
    run: (phone, country) => normalisePhone(textOf(phone) ?? '', textOf(country)) ?? undefined,
  },
  {
    name: 'country', description: 'A country as ISO 3166-1 alpha-2, from a two or three letter code or an English or Chinese name.', args: [value],
    example: { template: '{{country land}}', record: { land: 'China' }, gives: 'CN' },
    run: (text) => readCountry(textOf(text) ?? ''),
  },
  {
    name: 'date', description: 'A moment as ISO 8601 in UTC, from ISO, `YYYY-MM-DD HH:mm:ss`, `YYYYMMDDHHmmss`, or Unix seconds or milliseconds.', args: [value, zone, order],
    example: { template: '{{date paid_at "+08:00"}}', record: { paid_at: '2026-11-24 08:00:00' }, gives: '2026-11-24T00:00:00.000Z' },
    run: (moment, offset, dateOrder) => {
      const ms = timeOf(moment, offset, dateOrder);
      return ms === undefined ? undefined : new Date(ms).toISOString();
    },
  },
  {
    name: 'epoch', description: 'A moment as Unix time, in seconds or, with `ms`, in milliseconds. Reads what `date` reads.',
    args: [value, { name: 'unit', description: '`s` (default) or `ms`.', isOptional: true }],
    example: { template: '{{epoch at}}', record: { at: '2026-11-24T00:00:00Z' }, gives: 1795478400 },
    run: (moment, unit) => {
      const ms = readTime(moment);
      return ms === undefined || unit === 'ms' ? ms : Math.floor(ms / 1000);
    },
  },
  {
    name: 'money', description: 'An exact amount in the minor unit of its currency, from a decimal number or text.',
    args: [value, { name: 'currency', description: 'ISO 4217 code.' }],
    example: { template: '{{money total "USD"}}', record: { total: '18.99' }, gives: { amountMinor: 1899, currency: 'USD' } },
    run: (amount, currency) => {
      const code = textOf(currency);
      if (code === undefined || (typeof amount !== 'string' && typeof amount !== 'number')) return undefined;
      return readMoney(amount, code) as { amountMinor: number; currency: string } | undefined;
    },
  },
  {
    name: 'decimal', description: 'The amount of a money value as a decimal number, for receivers that know no minor units.', args: [{ ...value, description: 'A money value.' }],
    example: { template: '{{decimal total}}', record: { total: { amountMinor: 1899, currency: 'USD' } }, gives: 18.99 },
    run: (money) => {
      const minor = readOwn(money, 'amountMinor');
      const exponent = CURRENCY_EXPONENTS.get(textOf(readOwn(money, 'currency')) ?? '');
      // A decimal text read back gives the nearest number; a division may miss it.
      return typeof minor !== 'number' || exponent === undefined ? undefined : Number(`${minor}e-${exponent}`);
    },
  },
  {
    name: 'number', description: 'A number; thousands commas are allowed.', args: [value],
    example: { template: '{{number weight}}', record: { weight: '1,250.5' }, gives: 1250.5 },
    run: (text) => numberOf(text),
  },
  {
    name: 'integer', description: 'A whole number; absent when there is a fraction.', args: [value],
    example: { template: '{{integer quantity}}', record: { quantity: '2.0' }, gives: 2 },
    run: (text) => {
      const number = numberOf(text);
      return Number.isSafeInteger(number) ? number : undefined;
    },
  },
  {
    name: 'boolean', description: 'True for true, yes, y, on and 1; false for false, no, n, off and 0; absent for anything else.', args: [value],
    example: { template: '{{boolean optIn}}', record: { optIn: 'Yes' }, gives: true },
    run: (text) => {
      const word = textOf(text)?.trim().toLowerCase() ?? '';
      return TRUE_WORDS.has(word) ? true : FALSE_WORDS.has(word) ? false : undefined;
    },
  },
  {
    name: 'json', description: 'The value as JSON text.', args: [value],
    example: { template: '{{json tags}}', record: { tags: ['a', 1] }, gives: '["a",1]' },
    run: (tree) => (tree === undefined || checkJsonLimits(tree) !== null ? undefined : JSON.stringify(tree)),
  },
];
