import { parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js/max';
import { COUNTRY_CODES } from '../canonical/iso-3166.js';

/** A parse costs 10 µs, and one record names the same phone several times. Bounded, and emptied when full: nothing is kept for long. */
const remembered = new Map<string, string | null>();
const REMEMBERED_AT_MOST = 512;

/**
 * Normalises a phone number to E.164 (ITU-T E.164). `country` is the ISO 3166-1 alpha-2 code that a national number is read in.
 * Gives null when it is not a number that can exist there.
 *
 * @example normalisePhone('138 1234 5678', 'CN') // '+8613812345678'
 */
export function normalisePhone(text: string, country?: string): string | null {
  if (text.length > 40) return null;
  const key = country === undefined ? text : `${country}|${text}`;
  const known = remembered.get(key);
  if (known !== undefined) return known;
  const phone = parse(text, country);
  if (remembered.size >= REMEMBERED_AT_MOST) remembered.clear();
  remembered.set(key, phone);
  return phone;
}

function parse(text: string, country: string | undefined): string | null {
  const upper = country?.toUpperCase();
  const defaultCountry = upper !== undefined && COUNTRY_CODES.has(upper) ? (upper as CountryCode) : undefined;
  const phone = parsePhoneNumberFromString(text.trim().replace(/^00/, '+'), defaultCountry);
  return phone !== undefined && phone.isValid() && phone.ext === undefined ? phone.number : null;
}
