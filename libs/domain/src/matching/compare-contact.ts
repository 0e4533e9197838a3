import type { MatchLevel } from './match-fields.js';
import type { MatchName } from './parse-name.js';
import { editDistance } from './text-distance.js';

/** Of shorter mailbox names many people have each. */
const SHORTEST_MAILBOX = 6;
const SHORTEST_NEAR_MAILBOX = 5;

/**
 * How alike the numbers of two people are: the closest two of them.
 *
 * @param one E.164
 * @returns null where one has none
 * @example comparePhones(['+8613912345678'], ['+8613912345687']) // 'near'
 */
export function comparePhones(one: readonly string[], other: readonly string[]): MatchLevel<'phone'> | null {
  if (one.length === 0 || other.length === 0) return null;
  if (one.some((phone) => other.includes(phone))) return 'same';
  return one.some((phone) => other.some((its) => phone.length === its.length && editDistance(phone, its, 1) === 1)) ? 'near' : 'other';
}

/**
 * How alike the addresses of two people are: the closest two of them. Dots and what follows a `+` are passed over. A mailbox that is no more than its owner's name, with other digits or none, says once more what
 * the name says: james.martin@… and james.martin2@… are what two of that name would take, so such a likeness is left out rather than counted twice.
 *
 * @param one lower-cased addresses
 * @param names of both, as far as they are known
 * @returns null where one has none, or where only the name is alike
 * @example compareEmails(['ana.lima@gmail.com'], ['ana.lima@gmial.com'], []) // 'near'
 */
export function compareEmails(one: readonly string[], other: readonly string[], names: readonly MatchName[]): MatchLevel<'email'> | null {
  if (one.length === 0 || other.length === 0) return null;
  if (one.some((email) => other.includes(email))) return 'same';
  const [mine, theirs] = [one.map(mailOf), other.map(mailOf)];
  const alike = mine.flatMap((mail) => theirs.flatMap((its) => likeness(mail, its) ?? []));
  if (alike.length === 0) return 'other';
  const told = alike.filter(({ mails: [mail, its] }) => !isOnlyName(mail, its, names));
  return told.length === 0 ? null : told.some(({ level }) => level === 'near') ? 'near' : 'sameMailbox';
}

function likeness(mail: Mail, its: Mail): { level: 'near' | 'sameMailbox'; mails: [Mail, Mail] } | null {
  if (isNearMail(mail, its)) return { level: 'near', mails: [mail, its] };
  return mail.mailbox.length >= SHORTEST_MAILBOX && its.mailbox === mail.mailbox ? { level: 'sameMailbox', mails: [mail, its] } : null;
}

function isOnlyName(one: Mail, other: Mail, names: readonly MatchName[]): boolean {
  const [digits, its] = [one, other].map(({ mailbox }) => mailbox.replace(/\D/gu, '')) as [string, string];
  // Three digits of one's own are a name of its own.
  if (digits === its && digits.length >= 3) return false;
  return [one, other].some(({ mailbox }) => names.some((name) => spellings(name).includes(mailbox.replace(/[^\p{Letter}]/gu, ''))));
}

function spellings({ familySound: family, givenSound: given }: MatchName): string[] {
  return [family + given, given + family, given.slice(0, 1) + family, family + given.slice(0, 1), family, given].filter((text) => text !== '');
}

interface Mail {
  mailbox: string;
  host: string;
}

/** An address as it is compared: no rule of a provider, since nothing is sent to it. */
export function mailOf(email: string): Mail {
  const at = email.lastIndexOf('@');
  const [mailbox = ''] = email.slice(0, at).split('+', 1);
  return { mailbox: mailbox.replaceAll('.', ''), host: email.slice(at + 1) };
}

function isNearMail(one: Mail, other: Mail): boolean {
  if (one.mailbox === other.mailbox) return one.host === other.host || (one.mailbox.length >= SHORTEST_NEAR_MAILBOX && editDistance(one.host, other.host, 2) <= 2);
  return one.host === other.host && Math.min(one.mailbox.length, other.mailbox.length) >= SHORTEST_NEAR_MAILBOX && editDistance(one.mailbox, other.mailbox, 1) === 1;
}
