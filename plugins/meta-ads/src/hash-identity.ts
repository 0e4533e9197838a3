import { sha256Hex } from '@firsthand/plugin-sdk';

/** What Meta matches people by, and how each is written before it is hashed. */
const NORMALISERS = {
  email: (text: string) => text.toLowerCase(),
  /** Digits with the country code, no plus, no leading zeros. */
  phone: (text: string) => text.replace(/\D/g, '').replace(/^0+/, ''),
  name: (text: string) => withoutPunctuation(text.toLowerCase()),
  city: (text: string) => withoutPunctuation(text.toLowerCase()).replace(/\s/g, ''),
  country: (text: string) => (/^[a-z]{2}$/i.test(text) ? text.toLowerCase() : ''),
  externalId: (text: string) => text,
} satisfies Record<string, (text: string) => string>;

export type IdentityKind = keyof typeof NORMALISERS;

const SHA256_HEX = /^[0-9a-f]{64}$/i;

/**
 * Writes a value as Meta's rules for customer information say, and gives its SHA-256 in lower-case hex. A value that is a SHA-256 already passes
 * as it is: nothing is hashed twice. Undefined for what is absent or has nothing left to match by.
 * https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/customer-information-parameters
 *
 * @example hashIdentity('phone', '+1 (650) 555-1212') // SHA-256 of '16505551212'
 */
export function hashIdentity(kind: IdentityKind, value: string | undefined): string | undefined {
  const text = value?.trim() ?? '';
  if (SHA256_HEX.test(text)) return text.toLowerCase();
  const normal = NORMALISERS[kind](text);
  return normal === '' ? undefined : sha256Hex(normal);
}

function withoutPunctuation(text: string): string {
  return text.replace(/[\p{P}\p{S}]/gu, '').replace(/\s+/g, ' ').trim();
}
