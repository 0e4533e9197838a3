import { CURRENCY_EXPONENTS, mappingHelpers, readTime, type MappedValue, type MappingHelper } from '@firsthand/domain';

const locale = { name: 'locale', description: 'BCP 47 language tag; `en` by default.', isOptional: true };

/** Intl throws on a tag that is none; a notice must be shown all the same. */
function localeOf(tag: MappedValue): string {
  const text = typeof tag === 'string' ? tag : '';
  return /^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/.test(text) ? text : 'en';
}

function zoneOf(zone: MappedValue): string {
  const text = typeof zone === 'string' ? zone : '';
  return Intl.supportedValuesOf('timeZone').includes(text) ? text : 'UTC';
}

const showDate: MappingHelper = {
  name: 'showDate', description: 'A day in words, in a language and an IANA time zone (UTC by default).',
  args: [{ name: 'value', description: 'A moment.' }, locale, { name: 'zone', description: 'IANA time zone.', isOptional: true }],
  example: { template: '{{showDate at "en-GB"}}', record: { at: '2026-11-24T08:00:00Z' }, gives: '24 November 2026' },
  run: (moment, tag, zone) => {
    const ms = readTime(moment);
    return ms === undefined ? undefined : new Intl.DateTimeFormat(localeOf(tag), { dateStyle: 'long', timeZone: zoneOf(zone) }).format(ms);
  },
};

const showMoney: MappingHelper = {
  name: 'showMoney', description: 'A money value as people of a language write it.',
  args: [{ name: 'value', description: 'A money value.' }, locale],
  example: { template: '{{showMoney total "en-US"}}', record: { total: { amountMinor: 1899, currency: 'USD' } }, gives: '$18.99' },
  run: (money, tag) => {
    if (money === null || typeof money !== 'object' || Array.isArray(money)) return undefined;
    const { amountMinor, currency } = money;
    const exponent = typeof currency === 'string' ? CURRENCY_EXPONENTS.get(currency) : undefined;
    if (typeof amountMinor !== 'number' || typeof currency !== 'string' || exponent === undefined) return undefined;
    return new Intl.NumberFormat(localeOf(tag), { style: 'currency', currency }).format(Number(`${amountMinor}e-${exponent}`));
  },
};

/**
 * The closed list of functions for HTML and text templates: those of mappings, and two that write for people.
 *
 * @example templateHelpers.get('showDate')?.description
 */
export const templateHelpers: ReadonlyMap<string, MappingHelper> = new Map([...mappingHelpers, ['showDate', showDate], ['showMoney', showMoney]]);
