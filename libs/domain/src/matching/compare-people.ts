import { compareAddresses } from './compare-address.js';
import { compareBirthdays } from './compare-birthday.js';
import { compareEmails, comparePhones } from './compare-contact.js';
import { compareNames } from './compare-name.js';
import type { MatchPattern } from './match-fields.js';
import type { MatchSubject } from './match-subject.js';

/**
 * Compares two people, field by field. It makes no difference which comes first.
 *
 * @example patternKey(comparePeople(matchSubjectOf(one, mayRead), matchSubjectOf(other, mayRead)))
 */
export function comparePeople(one: MatchSubject, other: MatchSubject): MatchPattern {
  return {
    name: one.name === null || other.name === null ? null : compareNames(one.name, other.name),
    birthday: one.birthday === null || other.birthday === null ? null : compareBirthdays(one.birthday, other.birthday),
    phone: comparePhones(one.phones, other.phones),
    email: compareEmails(one.emails, other.emails, [one.name, other.name].filter((name) => name !== null)),
    address: one.address === null || other.address === null ? null : compareAddresses(one.address, other.address),
  };
}
