import { fieldOf, utcDay, type Profile } from '../profile/index.js';
import type { LawfulBasis, Purpose } from './consent.js';

/** What of a person decides which law holds for them. */
export interface DataSubject {
  /** ISO 3166; null when it is not known. */
  country: string | null;
  /** `YYYY-MM-DD`; null when it is not known. */
  birthday: string | null;
  /** In years, as told once; null when it is not known. */
  age: number | null;
}

/** Somebody of whom nothing is known. */
export const UNKNOWN_SUBJECT: DataSubject = { country: null, birthday: null, age: null };

/** PIPL art. 31: below it a parent decides. */
export const CHILD_BELOW_YEARS = 14;
/** A day begins in UTC-12 when it is noon in UTC. */
const LAST_ZONE_MS = 12 * 3_600_000;
/** The harder the earlier. */
const HARDEST_FIRST: readonly LawfulBasis[] = ['consent', 'legitimate', 'public', 'contract', 'vital', 'legal'];

/** Reads from a profile what the law asks about. */
export function dataSubjectOf(profile: Pick<Profile, 'fields'>): DataSubject {
  const read = (name: string): unknown => fieldOf(profile, name)?.value;
  const [country, birthday, age] = [read('country'), read('birthday'), read('age')];
  return { country: typeof country === 'string' ? country : null, birthday: typeof birthday === 'string' ? birthday : null, age: typeof age === 'number' ? age : null };
}

/**
 * Whether a person is known to be under 14. The date of birth comes before an age that was told once; nobody turns 14 before that day has begun everywhere.
 * Of whom neither is known is taken for no child.
 *
 * @example isChild({ country: 'CN', birthday: '2015-05-17', age: null }, Date.now())
 */
export function isChild(subject: DataSubject, now: number): boolean {
  const until = childUntil(subject);
  return until === null ? subject.birthday === null && subject.age !== null && subject.age < CHILD_BELOW_YEARS : now < until;
}

/** Until when a person is a child by their date of birth, epoch ms; null where it is not known. */
export function childUntil({ birthday }: DataSubject): number | null {
  const [, year, month, day] = birthday === null ? [] : (/^(\d{4})-(\d{2})-(\d{2})$/.exec(birthday) ?? []);
  return year === undefined ? null : Date.UTC(Number(year) + CHILD_BELOW_YEARS, Number(month) - 1, Number(day)) + LAST_ZONE_MS;
}

/**
 * The latest date of birth, `YYYY-MM-DD`, of those who are no children any more: later dates are greater as texts.
 *
 * @example birthday > lastBirthdayOfAdults(now) // the same as isChild
 */
export function lastBirthdayOfAdults(now: number): string {
  const [year, ...rest] = utcDay(now - LAST_ZONE_MS).split('-');
  return [String(Number(year) - CHILD_BELOW_YEARS).padStart(4, '0'), ...rest].join('-');
}

/** The ground that a purpose stands on for a person: that of their country, and the hardest of all where the country is not known. */
export function lawfulBasisFor({ lawfulBasis, lawfulBasisIn }: Purpose, { country }: DataSubject): LawfulBasis {
  if (country !== null) return Object.hasOwn(lawfulBasisIn, country) ? (lawfulBasisIn[country] ?? lawfulBasis) : lawfulBasis;
  const possible = new Set([lawfulBasis, ...Object.values(lawfulBasisIn)]);
  return HARDEST_FIRST.find((basis) => possible.has(basis)) ?? lawfulBasis;
}
