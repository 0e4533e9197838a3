import { hash } from 'node:crypto';
import { titleCase } from '../canonical/title-case.js';
import { numberOf, textOf, type MappingHelper } from './mapping-helper.js';

const SHA256_HEX = /^[0-9a-f]{64}$/i;
const value = { name: 'value', description: 'A text, number or boolean.' };

/** Helpers that make text of text. */
export const textHelpers: readonly MappingHelper[] = [
  {
    name: 'lower', description: 'Lower-cases.', args: [value],
    example: { template: '{{lower email}}', record: { email: 'Ana@Example.com' }, gives: 'ana@example.com' },
    run: (text) => textOf(text)?.toLowerCase(),
  },
  {
    name: 'upper', description: 'Upper-cases.', args: [value],
    example: { template: '{{upper currency}}', record: { currency: 'usd' }, gives: 'USD' },
    run: (text) => textOf(text)?.toUpperCase(),
  },
  {
    name: 'trim', description: 'Takes white space off both ends.', args: [value],
    example: { template: '{{trim name}}', record: { name: ' Ana ' }, gives: 'Ana' },
    run: (text) => textOf(text)?.trim(),
  },
  {
    name: 'title', description: 'Writes Title Case words, as event names are.', args: [value],
    example: { template: '{{title topic}}', record: { topic: 'order_completed' }, gives: 'Order Completed' },
    run: (text) => {
      const name = textOf(text);
      return name === undefined ? undefined : titleCase(name);
    },
  },
  {
    name: 'concat', description: 'Joins texts without a separator; absent ones count as empty.', args: [{ ...value, isRest: true }],
    example: { template: '{{concat shop ":" id}}', record: { shop: 'hz', id: 7 }, gives: 'hz:7' },
    run: (...texts) => texts.map((text) => textOf(text) ?? '').join(''),
  },
  {
    name: 'replace', description: 'Replaces every occurrence of a literal text.',
    args: [value, { name: 'search', description: 'The text to look for.' }, { name: 'replacement', description: 'What to put there.' }],
    example: { template: '{{replace sku "_" "-"}}', record: { sku: 'A_1_2' }, gives: 'A-1-2' },
    run: (text, search, replacement) => {
      const sought = textOf(search);
      return sought === undefined || sought === '' ? textOf(text) : textOf(text)?.split(sought).join(textOf(replacement) ?? '');
    },
  },
  {
    name: 'digits', description: 'Keeps the digits 0 to 9.', args: [value],
    example: { template: '{{digits card}}', record: { card: 'No. 12-34' }, gives: '1234' },
    run: (text) => textOf(text)?.replace(/[^0-9]/g, ''),
  },
  {
    name: 'slice', description: 'A part of a text or list; negative positions count from the end.',
    args: [{ name: 'value', description: 'A text or list.' }, { name: 'start', description: 'First position, from 0.' }, { name: 'end', description: 'Position after the last.', isOptional: true }],
    example: { template: '{{slice code 0 2}}', record: { code: 'ABC' }, gives: 'AB' },
    run: (whole, start, end) => (Array.isArray(whole) ? whole : textOf(whole))?.slice(numberOf(start) ?? 0, numberOf(end)),
  },
  {
    name: 'sha256', description: 'SHA-256 of the trimmed text in hex. A value that is a SHA-256 already is only lower-cased, so nothing is hashed twice.', args: [value],
    example: { template: '{{sha256 (lower email)}}', record: { email: 'ana@example.com' }, gives: '8e43ca37701228e74983efdbd0cff5c16b3b1e5d4e29a7c05626d4d25a018e11' },
    run: (text) => {
      const plain = textOf(text)?.trim();
      if (plain === undefined || plain === '') return undefined;
      return SHA256_HEX.test(plain) ? plain.toLowerCase() : hash('sha256', plain);
    },
  },
];
