import { isBlockedEmail, isBlockedPhone, isBlockedValue } from './blocked-values.js';
import { normaliseEmail } from './normalise-email.js';
import { normalisePhone } from './normalise-phone.js';

/** What a normaliser may know: the ISO 3166-1 alpha-2 country that national phone numbers are read in. */
export interface NormaliseContext {
  defaultCountry?: string;
}

/** A kind of identity: how strong it is, and how its values are written. */
export interface IdentityNamespace {
  name: string;
  /** Lower is stronger. The strongest identity of a record names the person. */
  rank: number;
  /** A thing that people share (browser, phone, tablet): never joins two known people. */
  isDevice: boolean;
  /** How many a person may come to have where the workspace says nothing; null for any number. */
  maxPerProfile: number | null;
  description: string;
  example: string;
  /** Gives the one canonical spelling, or null for a value that names nobody. */
  normalise(value: string, context: NormaliseContext): string | null;
}

const MAX_LENGTH = 256;
const CONTROL_CHARACTERS = /[\u0000-\u001f\u007f]/;
const UUID = /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/;

function identifier(value: string): string | null {
  const text = value.trim();
  if (text.length > MAX_LENGTH || isBlockedValue(text) || CONTROL_CHARACTERS.test(text)) return null;
  return text.normalize('NFC');
}

function advertisingId(value: string): string | null {
  const text = identifier(value)?.toLowerCase() ?? '';
  return UUID.test(text) ? text : null;
}

function email(value: string): string | null {
  const address = normaliseEmail(value);
  return address === null || isBlockedEmail(address) ? null : address;
}

function phone(value: string, { defaultCountry }: NormaliseContext): string | null {
  const number = normalisePhone(value, defaultCountry);
  return number === null || isBlockedPhone(number) ? null : number;
}

const TABLE: IdentityNamespace[] = [
  { name: 'userId', rank: 10, isDevice: false, maxPerProfile: 5, description: "The account's id in the brand's own login.", example: 'u-20481', normalise: identifier },
  { name: 'memberNo', rank: 20, isDevice: false, maxPerProfile: 5, description: 'Number of the loyalty membership.', example: 'M000731', normalise: identifier },
  { name: 'crmId', rank: 30, isDevice: false, maxPerProfile: 20, description: 'Id of the contact in the CRM.', example: '0035g00000XyZ', normalise: identifier },
  { name: 'customerId', rank: 40, isDevice: false, maxPerProfile: 20, description: 'Id of the customer in the shop or point of sale.', example: '7290014', normalise: identifier },
  { name: 'unionid', rank: 50, isDevice: false, maxPerProfile: 3, description: 'WeChat unionid: one person over all apps of one WeChat Open Platform account.', example: 'o6_bmasdasdsad6_2sgVt7hMZOPfL', normalise: identifier },
  { name: 'openid', rank: 60, isDevice: false, maxPerProfile: 20, description: 'WeChat openid: one person in one mini-program or official account.', example: 'oLVPpjqs9BhvzwPj5A-vTYAX3GLc', normalise: identifier },
  { name: 'phone', rank: 70, isDevice: false, maxPerProfile: 5, description: 'Phone number, E.164.', example: '+8613912345678', normalise: phone },
  { name: 'email', rank: 80, isDevice: false, maxPerProfile: 10, description: 'Email address, lower-cased.', example: 'ana@example.com', normalise: email },
  { name: 'deviceId', rank: 110, isDevice: true, maxPerProfile: null, description: 'Id of an app installation.', example: 'd4c9f1a0-5c7e-4b61-9b1c-0c7a2f6e8d11', normalise: identifier },
  { name: 'idfa', rank: 120, isDevice: true, maxPerProfile: null, description: 'Apple advertising identifier, only with App Tracking Transparency.', example: '6d92078a-8246-4ba4-ae5b-76104861e7dc', normalise: advertisingId },
  { name: 'gaid', rank: 130, isDevice: true, maxPerProfile: null, description: 'Google advertising id.', example: '38400000-8cf0-11bd-b23e-10b96e40000d', normalise: advertisingId },
  { name: 'anonymousId', rank: 140, isDevice: true, maxPerProfile: null, description: 'Random id of a browser, app or mini-program before login.', example: '9b3f0f5e-0f5b-4d7c-9b63-2d7f7d8c9a10', normalise: identifier },
];

/** Where an address leads by its provider's rules. No source names it: it is derived from the address, matched by, and never sent. */
export const MAILBOX: IdentityNamespace = {
  name: 'mailbox', rank: 90, isDevice: false, maxPerProfile: null, description: 'Mailbox that several spellings of an address lead to, for matching alone.', example: 'ana@gmail.com', normalise: () => null,
};

/**
 * Whether an identity namespace is a person's own, and no device.
 *
 * @example isPersonal('mailbox') // true
 */
export function isPersonal(namespace: string): boolean {
  return (NAMESPACES.get(namespace) ?? (namespace === MAILBOX.name ? MAILBOX : undefined))?.isDevice === false;
}

/**
 * Every identity namespace by name, strongest first. A name that is not here is no identity.
 *
 * @example NAMESPACES.get('email')?.normalise('Ana@Example.com', {}) // 'ana@example.com'
 */
export const NAMESPACES: ReadonlyMap<string, IdentityNamespace> = new Map(TABLE.map((namespace) => [namespace.name, namespace]));
