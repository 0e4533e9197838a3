import { z } from 'zod';
import { EMAIL_PATTERN, normaliseEmail } from '../identity/normalise-email.js';
import { normalisePhone } from '../identity/normalise-phone.js';
import type { JsonValue } from '../json.js';
import { COUNTRY_CODES, readCountry } from './iso-3166.js';
import { CURRENCY_EXPONENTS } from './iso-4217.js';
import type { Money } from './money.js';
import type { ReadIssues } from './read-issues.js';
import { readTime } from './read-time.js';

/** The longest text that a field holds, in UTF-16 units. */
export const MAX_TEXT = 8192;

const INTEGER = /^[+-]?\d{1,16}$/;
const NUMBER = /^[+-]?(?:\d{1,17}(?:\.\d{0,17})?|\.\d{1,17})(?:e[+-]?\d{1,3})?$/i;
const URL_PATTERN = /^(?!(?:javascript|data|vbscript):)[a-z][a-z0-9+.-]*:\/\/[^\s<>"]+$/i;
const LOCALE_PATTERN = /^[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|\d{3}))?(?:-[A-Za-z0-9]{2,8})*$/;
const COMMON_LOCALE = /^[a-z]{2}(?:-[A-Z]{2})?$/;
const PHONE_PATTERN = /^\+[1-9]\d{1,14}$/;

/**
 * One type of field. `schema` is what a stored value fits; `read` makes such a value of anything that says the same without loss (`"42"` for an
 * integer) and gives undefined for the rest. Reading is hand-written because it runs for every field of every event.
 */
interface FieldTypeRule<T extends JsonValue> {
  description: string;
  schema: z.ZodType<T>;
  read(value: JsonValue, issues: ReadIssues): T | undefined;
}

function rule<T extends JsonValue>(description: string, schema: z.ZodType<T>, read: FieldTypeRule<T>['read']): FieldTypeRule<T> {
  return { description, schema, read };
}

function readText(value: JsonValue): string | undefined {
  if (typeof value === 'string') return value.length <= MAX_TEXT ? value : undefined;
  // A number past 2^53 has lost digits already; an id made of it would name someone else.
  return typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER ? String(value) : undefined;
}

function readInteger(value: JsonValue): number | undefined {
  const number = typeof value === 'string' && INTEGER.test(value.trim()) ? Number(value) : value;
  return Number.isSafeInteger(number) ? (number as number) : undefined;
}

function readNumber(value: JsonValue): number | undefined {
  const number = typeof value === 'string' && NUMBER.test(value.trim()) ? Number(value) : value;
  return Number.isFinite(number) ? (number as number) : undefined;
}

function readBoolean(value: JsonValue): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (value === 1 || value === '1' || value === 'true') return true;
  return value === 0 || value === '0' || value === 'false' ? false : undefined;
}

function readDateTime(value: JsonValue): string | undefined {
  const ms = readTime(value);
  return ms === undefined ? undefined : new Date(ms).toISOString();
}

/** A calendar day. A moment is one only at midnight UTC: any other depends on a zone. */
function readDate(value: JsonValue): string | undefined {
  const iso = typeof value === 'string' ? readDateTime(value) : undefined;
  return iso?.endsWith('T00:00:00.000Z') === true ? iso.slice(0, 10) : undefined;
}

function readCode(value: JsonValue, known: { has(code: string): boolean }): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (known.has(value)) return value;
  const code = value.trim().toUpperCase();
  return known.has(code) ? code : undefined;
}

function readLocale(value: JsonValue): string | undefined {
  if (typeof value !== 'string' || value.length > 35) return undefined;
  if (COMMON_LOCALE.test(value)) return value;
  try {
    const [locale] = Intl.getCanonicalLocales(value.trim().replaceAll('_', '-'));
    return locale !== undefined && LOCALE_PATTERN.test(locale) ? locale : undefined;
  } catch {
    // The one way that Intl says "not BCP 47".
    return undefined;
  }
}

function readMoneyObject(value: JsonValue): Money & { [key: string]: JsonValue } | undefined {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
  const amountMinor = Object.hasOwn(value, 'amountMinor') ? readInteger(value.amountMinor as JsonValue) : undefined;
  const currency = Object.hasOwn(value, 'currency') ? readCode(value.currency as JsonValue, CURRENCY_EXPONENTS) : undefined;
  return amountMinor === undefined || currency === undefined ? undefined : { amountMinor, currency };
}

function readIp(value: JsonValue): string | undefined {
  return typeof value === 'string' && value.length <= 45 && (z.regexes.ipv4.test(value) || z.regexes.ipv6.test(value)) ? value : undefined;
}

function readTexts(value: JsonValue): string[] | undefined {
  if (!Array.isArray(value)) return readText(value) === undefined ? undefined : [readText(value) as string];
  const texts = value.map(readText);
  return texts.every((text) => text !== undefined) ? (texts as string[]) : undefined;
}

const currency = z.string().regex(/^[A-Z]{3}$/).refine((code) => CURRENCY_EXPONENTS.has(code));

/** Every type a field can have, by name. */
export const FIELD_TYPES = {
  string: rule('Text', z.string().max(MAX_TEXT), readText),
  integer: rule('Whole number', z.int(), readInteger),
  number: rule('Number', z.number(), readNumber),
  boolean: rule('true or false', z.boolean(), readBoolean),
  datetime: rule('Moment, ISO 8601 in UTC', z.iso.datetime(), readDateTime),
  date: rule('Calendar day, ISO 8601', z.iso.date(), readDate),
  money: rule('Amount in the minor unit of an ISO 4217 currency', z.strictObject({ amountMinor: z.int(), currency }), readMoneyObject),
  currency: rule('ISO 4217 code', currency, (value) => readCode(value, CURRENCY_EXPONENTS)),
  country: rule('ISO 3166-1 alpha-2 code', z.string().regex(/^[A-Z]{2}$/).refine((code) => COUNTRY_CODES.has(code)), (value) => (typeof value === 'string' ? readCountry(value) : undefined)),
  locale: rule('BCP 47 language tag', z.string().regex(LOCALE_PATTERN), readLocale),
  phone: rule('E.164 phone number', z.string().regex(PHONE_PATTERN), (value, { defaultCountry }) => normalisePhone(readText(value) ?? '', defaultCountry) ?? undefined),
  email: rule('Lower-cased email address', z.string().max(254).regex(EMAIL_PATTERN), (value) => (typeof value === 'string' ? (normaliseEmail(value) ?? undefined) : undefined)),
  url: rule('Absolute URL', z.string().max(MAX_TEXT).regex(URL_PATTERN), (value) => (typeof value === 'string' && value.length <= MAX_TEXT && URL_PATTERN.test(value) ? value : undefined)),
  ip: rule('IPv4 or IPv6 address', z.union([z.ipv4(), z.ipv6()]), readIp),
  strings: rule('List of texts', z.array(z.string().max(MAX_TEXT)), readTexts),
} as const;

/** The name of a scalar field type, e.g. `money`. */
export type ScalarType = keyof typeof FIELD_TYPES;
