import { isJsonObject, type JsonValue } from '../json.js';

const MAX_ROUNDS = 8;
const PLAIN_NUMBER = /^[+-]?\d+(?:\.\d+)?$/;
const DAY = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$/;
const PHONE = /^\+?[\d\s()./-]*$/;
/** Fewer digits than any phone number has. */
const PHONE_DIGITS = 7;

/**
 * What a value is compared by between systems: each writes it in a manner of its own, and that is no edit. Equal are capitals and small letters, full and half width, white space, the punctuation of names and
 * phone numbers, a number and its text, and all that is empty: null, nothing, empty text, list or object. Different stay the dots of an address, what stands between two digits, symbols, and every letter.
 *
 * @returns text that is the same for equal values; empty for what is empty. A form is its own form
 * @example comparableForm('+86 139-8765-4321') === comparableForm('8613987654321')
 */
export function comparableForm(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return formOfText(value.map(comparableForm).filter((form) => form !== '').sort().join('|'));
  if (isJsonObject(value)) return formOfText(Object.entries(value).flatMap(([key, inner]) => (comparableForm(inner) === '' ? [] : [`${formOfText(key)}=${comparableForm(inner)}`])).sort().join('|'));
  return formOfText(String(Object.is(value, -0) ? 0 : value));
}

/** Until nothing changes: what is taken out may bring together what has a shorter form as one. */
function formOfText(text: string): string {
  let form = text;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const next = formOnce(form);
    if (next === form) break;
    form = next;
  }
  return form;
}

function formOnce(given: string): string {
  const text = given.replace(/\p{Cf}/gu, '').normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC').trim();
  const digits = text.replace(/\D/g, '');
  if (PLAIN_NUMBER.test(text)) return formOfNumber(text);
  const [, year, month = '', day = ''] = DAY.exec(text) ?? [];
  if (year !== undefined) return `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  if (PHONE.test(text) && digits.length >= PHONE_DIGITS) return digits;
  if (text.includes('@')) return text.replace(/\s+/g, '');
  const bare = text.replace(/(?<=\d)[\s\p{P}]+(?=\d)/gu, (between) => (/\p{P}/u.exec(between)?.[0] ?? '_')).replace(/(?<!\d)[\s\p{P}]+|[\s\p{P}]+(?!\d)/gu, '');
  return bare === '' ? text.replace(/\s+/g, '') : bare;
}

/** Zeros in front may be part of an id and stay; those behind the point say nothing. */
function formOfNumber(text: string): string {
  const [whole = '', fraction = ''] = text.replace(/^\+/, '').split('.');
  const kept = fraction.replace(/0+$/, '');
  const number = kept === '' ? whole : `${whole}.${kept}`;
  return /^-0*$/.test(number) ? number.slice(1) : number;
}
