import type { DictionaryField } from '../../canonical/dictionary.js';
import { FIELD_TYPES } from '../../canonical/field-types.js';
import { ReadIssues } from '../../canonical/read-issues.js';
import { readTime } from '../../canonical/read-time.js';
import { NAMESPACES } from '../../identity/namespaces.js';
import type { JsonValue } from '../../json.js';
import type { MappingValue } from '../mapping.js';
import { numberOf } from '../mapping-helper.js';
import { currencyOfCountry } from './currency-of-country.js';
import { plainName } from './field-synonyms.js';
import type { RawLeaf } from './raw-leaves.js';
import { templatePath } from './template-path.js';

/** What is known around a value that a target is proposed for. */
export interface ValueSurroundings {
  defaultCountry?: string | undefined;
  /** How a template names the currency of the record: a path or a text in quotes; undefined for none. */
  currency: string | undefined;
}

const GENDERS = '"f" "female" "female" "female" "w" "female" "女" "female" "m" "male" "male" "male" "男" "male"';
const GENDER_WORDS = new Set(['f', 'female', 'w', '女', 'm', 'male', '男', 'other', 'unknown']);
const ZONE = /(?:Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)$/i;
const MINOR = /(?:cents|minor|fen|totalfee|分)$/;
const EARLIEST_EPOCH = 1e8;
const IDENTITIES = 'identities.';

/**
 * What a mapping would say to fill a field from a value, in its type; undefined where the value does not fit.
 *
 * @example suggestedValue(field, { keys: ['total'], value: '5.00' }, { currency: '"CNY"' }) // '{{money total "CNY"}}'
 */
export function suggestedValue(field: Pick<DictionaryField, 'type' | 'values' | 'path'>, { keys, value }: RawLeaf, around: ValueSurroundings): MappingValue | undefined {
  const path = templatePath(keys);
  if (path === undefined || field.type === 'object' || field.type === 'objects') return undefined;
  const bare = `{{${path}}}`;
  if (field.path.startsWith(IDENTITIES)) return namesSomebody(field.path.slice(IDENTITIES.length), value, around) ? bare : undefined;
  if (field.path === 'profile.gender') return typeof value !== 'object' && GENDER_WORDS.has(String(value).trim().toLowerCase()) ? `{{map (lower (trim ${path})) ${GENDERS} (trim ${path})}}` : undefined;
  if (field.type === 'money') return moneyValue(path, keys, value, around.currency);
  if (field.type === 'datetime') return momentValue(path, value, around.defaultCountry);
  if (field.values !== undefined) return typeof value === 'string' && field.values.includes(value.trim().toLowerCase()) ? bare : undefined;
  return FIELD_TYPES[field.type].read(value, new ReadIssues(around.defaultCountry)) === undefined ? undefined : bare;
}

function namesSomebody(namespace: string, value: JsonValue, { defaultCountry }: ValueSurroundings): boolean {
  const text = typeof value === 'string' ? value : Number.isSafeInteger(value) ? String(value) : '';
  return (NAMESPACES.get(namespace)?.normalise(text, defaultCountry === undefined ? {} : { defaultCountry }) ?? null) !== null;
}

/** In the minor unit where the name says so (cents, fen), else as a decimal. */
function moneyValue(path: string, keys: readonly string[], value: JsonValue, currency: string | undefined): MappingValue | undefined {
  if (FIELD_TYPES.money.read(value, new ReadIssues()) !== undefined) return `{{${path}}}`;
  if (currency === undefined || (typeof value !== 'string' && typeof value !== 'number') || numberOf(value) === undefined) return undefined;
  const isMinor = MINOR.test(plainName(keys.at(-1) ?? '')) && Number.isSafeInteger(numberOf(value));
  return isMinor ? { amountMinor: `{{integer ${path}}}`, currency: currency.startsWith('"') ? currency.slice(1, -1) : `{{${currency}}}` } : `{{money ${path} ${currency}}}`;
}

function momentValue(path: string, value: JsonValue, defaultCountry: string | undefined): MappingValue | undefined {
  if (typeof value === 'number' ? value < EARLIEST_EPOCH : typeof value !== 'string') return undefined;
  if (readTime(value) === undefined) return undefined;
  const hasNoZone = typeof value === 'string' && /[T :]\d\d/.test(value) && !ZONE.test(value.trim());
  // China has one zone; elsewhere a person has to say which.
  return hasNoZone && defaultCountry === 'CN' ? `{{date ${path} "+08:00"}}` : `{{${path}}}`;
}

/** How a template names the currency of a record: the field that holds it, else that of the country. */
export function currencyReference(leaves: readonly RawLeaf[], names: readonly string[], defaultCountry: string | undefined, prefix = ''): string | undefined {
  const own = leaves.find(({ keys, value }) => names.includes(plainName(keys.at(-1) ?? '')) && FIELD_TYPES.currency.read(value, new ReadIssues()) !== undefined);
  const path = own === undefined ? undefined : templatePath(own.keys);
  if (path !== undefined) return `${prefix}${path}`;
  const currency = currencyOfCountry(defaultCountry);
  return currency === undefined ? undefined : `"${currency}"`;
}
