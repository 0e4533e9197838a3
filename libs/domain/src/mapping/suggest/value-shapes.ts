import { CURRENCY_EXPONENTS } from '../../canonical/iso-4217.js';
import { readTime } from '../../canonical/read-time.js';
import { normaliseEmail } from '../../identity/normalise-email.js';
import { normalisePhone } from '../../identity/normalise-phone.js';
import type { JsonValue } from '../../json.js';

/** A shape that tells by itself what a value is, and which targets take it. */
export interface ValueShape {
  name: string;
  /** Targets with how sure the shape alone makes them. */
  targets: readonly (readonly [target: string, confidence: number])[];
}

const ISO_TIME = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/;
const PHONE = /^\+?[\d][\d\s().-]{7,18}$/;
const CHINESE_MOBILE = /^(?:\+?86[ -]?)?1[3-9]\d{9}$/;
/** WeChat's openid: 28 characters, the first an o. */
const OPENID = /^o[A-Za-z0-9_-]{27}$/;
const DECIMAL_AMOUNT = /^\d{1,9}\.\d{2}$/;

/**
 * The shape of a value; undefined for one that could be anything.
 *
 * @example shapeOf('ana@example.com')?.name // 'e-mail address'
 */
export function shapeOf(value: JsonValue, defaultCountry?: string): ValueShape | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  if (normaliseEmail(text) !== null) return { name: 'e-mail address', targets: [['identities.email', 0.6], ['profile.email', 0.55]] };
  if (OPENID.test(text)) return { name: 'WeChat openid', targets: [['identities.openid', 0.5]] };
  if (CHINESE_MOBILE.test(text) && normalisePhone(text, 'CN') !== null) return { name: 'Chinese mobile number', targets: [['identities.phone', 0.55], ['profile.phone', 0.5]] };
  if (ISO_TIME.test(text) && readTime(text) !== undefined) return { name: 'moment', targets: [['occurredAt', 0.4]] };
  if (PHONE.test(text) && text.startsWith('+') && normalisePhone(text, defaultCountry) !== null) return { name: 'phone number', targets: [['identities.phone', 0.5], ['profile.phone', 0.45]] };
  if (/^[A-Z]{3}$/.test(text) && CURRENCY_EXPONENTS.has(text)) return { name: 'currency code', targets: [['order.currency', 0.4], ['properties.currency', 0.35]] };
  if (DECIMAL_AMOUNT.test(text)) return { name: 'amount of money', targets: [['order.total', 0.3], ['properties.value', 0.25]] };
  return undefined;
}
