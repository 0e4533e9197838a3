import { mailOf } from './compare-contact.js';
import type { MatchSubject } from './match-subject.js';
import type { MatchName } from './parse-name.js';

/** A block of more people is passed over: what so many share tells little of who is who, and its pairs would be too many. */
export const LARGEST_BLOCK = 50;
/** Of shorter mailbox names there are too many of each. */
const SHORTEST_MAILBOX = 6;
const LAST_DIGITS = 4;

/**
 * The keys that a person is found by: only two who have one in common are compared, so that the work grows with the people and not with their pairs. Each kind of error leaves one of them as it is: names are
 * taken without their order, days without telling day from month, numbers by either part. The keys hold values of the person; who stores them stores digests.
 *
 * @example blockingKeys(matchSubjectOf(profile, mayRead)) // ['birth|1990|05-17|al', 'email|ana@example.com', …]
 */
export function blockingKeys(subject: MatchSubject): string[] {
  const { name, birthday, phones, emails, address } = subject;
  const keys = [...phones.map((phone) => `phone|${phone}`), ...emails.map((email) => `email|${email}`)];
  for (const { mailbox } of emails.map(mailOf)) if (mailbox.length >= SHORTEST_MAILBOX) keys.push(`mailbox|${mailbox}`);
  if (address !== null && address.number !== '') keys.push(`house|${address.road}|${address.number}`, ...(address.unit === '' ? [] : [`flat|${address.road}|${address.number}|${address.unit}`]));
  if (name !== null) keys.push(...keysByName(subject, name));
  if (birthday !== null) keys.push(`day|${birthday}`);
  return [...new Set(keys)].sort();
}

/** The key of a whole name as said: as many have it as have the name. Null where not all of it is known. */
export function nameKey({ name }: MatchSubject): string | null {
  return name === null || name.familySound === '' || name.givenSound === '' ? null : `name|${partsOf(name).join(' ')}`;
}

function keysByName(subject: MatchSubject, name: MatchName): string[] {
  const { birthday, phones, address } = subject;
  const whole = nameKey(subject);
  const [year = '', month = '', day = ''] = birthday?.split('-') ?? [];
  const initials = partsOf(name).map((part) => part.slice(0, 1)).sort().join('');
  const keys = phones.flatMap((phone) => [`line|${phone.slice(0, -LAST_DIGITS)}|${initials}`, `end|${phone.slice(-LAST_DIGITS)}|${initials}`]);
  if (birthday !== null) keys.push(`birth|${year}|${[month, day].sort().join('-')}|${initials}`);
  if (whole === null) return keys;
  keys.push(whole);
  if (birthday !== null) keys.push(`${whole}|${year}`, `${whole}|${month}-${day}`);
  if (address !== null && address.area !== '') keys.push(`${whole}|${address.area}`);
  return keys;
}

/** Which is the family name is not asked. */
function partsOf({ familySound, givenSound }: MatchName): string[] {
  return [familySound, givenSound].filter((part) => part !== '').sort();
}

/**
 * The block in which two people are compared: the least key that they share, so that each pair is compared once whatever they share.
 *
 * @param one sorted
 * @param isSkipped blocks that are too large to be gone through
 * @returns null where they share none
 * @example sharedBlock(['a', 'b'], ['b', 'c'], () => false) // 'b'
 */
export function sharedBlock(one: readonly string[], other: readonly string[], isSkipped: (key: string) => boolean): string | null {
  for (let at = 0, place = 0; at < one.length && place < other.length; ) {
    const [mine, theirs] = [one[at] as string, other[place] as string];
    if (mine === theirs && !isSkipped(mine)) return mine;
    if (mine <= theirs) at += 1;
    if (theirs <= mine) place += 1;
  }
  return null;
}
