import {
  BEYOND_RESTRICTION, CHILD_BELOW_YEARS, DAY_MS, EVERY_PURPOSE, lastBirthdayOfAdults, lawfulBasisFor, UNKNOWN_SUBJECT, type ConsentScope, type LawfulBasis, type Purpose,
} from '@firsthand/domain';
import type { WorkspaceConfiguration } from '@firsthand/pipeline';
import { allOf, anyOf, EVERYBODY, NOBODY, notOf, type Filter } from './filter.js';

/** Where a pipeline joins the row of a person's consents, as a list of one or none. */
export const CONSENT_JOIN = 'consent';

/** The rules that consents are decided by. */
export type ConsentRules = Pick<WorkspaceConfiguration, 'purposes' | 'agreements'>;

/** Compiles the question whether the brand may use data for a purpose; see `decideConsent`, which it equals for `OWN_USE`. Denies whatever is unsure. */
export function consentFilter(purposeKey: string, { purposes, agreements }: ConsentRules, now: number): Filter {
  const purpose = purposes.get(purposeKey);
  if (purpose === undefined) return NOBODY;
  const covering = coveringVersions(purpose, agreements);
  const mayBeUsed = byLawfulBasis(purpose, (basis) => allOf([notRestricted(basis), usableOn(basis, purpose, covering, now)]));
  return purpose.separateConsent.includes('minor') ? allOf([mayBeUsed, anyOf([notOf(isChildFilter(now)), grantedFor('minor', purpose, covering, now)])]) : mayBeUsed;
}

/** Whether a purpose is decided by a person's own consents, so that they have to be read. */
export function readsConsents(purposeKey: string, { purposes }: ConsentRules): boolean {
  const purpose = purposes.get(purposeKey);
  return purpose !== undefined && (purpose.separateConsent.includes('minor') || [purpose.lawfulBasis, ...Object.values(purpose.lawfulBasisIn)].some((basis) => !BEYOND_RESTRICTION.includes(basis)));
}

/** Each person by the ground of their country. */
function byLawfulBasis(purpose: Purpose, filterOf: (basis: LawfulBasis) => Filter): Filter {
  const countries = Object.keys(purpose.lawfulBasisIn);
  if (countries.length === 0) return filterOf(purpose.lawfulBasis);
  const path = 'fields.country.value';
  const ofCountry = (country: string | null): Filter => filterOf(lawfulBasisFor(purpose, { ...UNKNOWN_SUBJECT, country }));
  return anyOf([
    ...countries.map((country) => allOf([{ [path]: { $type: 'string', $eq: country } }, ofCountry(country)])),
    allOf([{ [path]: { $type: 'string', $nin: countries } }, filterOf(purpose.lawfulBasis)]),
    allOf([notOf({ [path]: { $type: 'string' } }), ofCountry(null)]),
  ]);
}

function notRestricted(basis: LawfulBasis): Filter {
  return BEYOND_RESTRICTION.includes(basis) ? EVERYBODY : notOf(ofPerson({ [`state.${EVERY_PURPOSE}.own.decision`]: { $exists: true, $ne: 'granted' } }));
}

function usableOn(basis: LawfulBasis, purpose: Purpose, covering: readonly Covering[], now: number): Filter {
  if (basis === 'consent') return grantedFor('own', purpose, covering, now);
  return basis === 'legitimate' ? notOf(ofPerson({ [`state.${purpose.key}.own.decision`]: { $exists: true, $ne: 'granted' } })) : EVERYBODY;
}

interface Covering {
  agreementId: string;
  versions: number[];
}

function coveringVersions({ key }: Purpose, agreements: ConsentRules['agreements']): Covering[] {
  return [...agreements].flatMap(([agreementId, versions]) => {
    const inForce = versions.filter(({ version, purposes }) => purposes.includes(key) && !versions.some((newer) => newer.isMaterial && newer.version > version));
    return inForce.length === 0 ? [] : [{ agreementId, versions: inForce.map(({ version }) => version) }];
  });
}

function grantedFor(scope: ConsentScope, { key, expiresAfterDays }: Purpose, covering: readonly Covering[], now: number): Filter {
  const standing = `state.${key}.${scope}`;
  const validSince = expiresAfterDays === null ? {} : { $gt: now - expiresAfterDays * DAY_MS };
  return ofPerson(allOf([
    { [`${standing}.decision`]: 'granted', [`${standing}.effectiveAt`]: { $lte: now, ...validSince } },
    anyOf(covering.map(({ agreementId, versions }) => ({ [`${standing}.agreementId`]: agreementId, [`${standing}.agreementVersion`]: { $in: versions } }))),
  ]));
}

function ofPerson(filter: Filter): Filter {
  return { [CONSENT_JOIN]: { $elemMatch: filter } };
}

/** `isChild` as a query: dates compare as texts. */
function isChildFilter(now: number): Filter {
  const birthday = 'fields.birthday.value';
  return anyOf([
    { [birthday]: { $type: 'string', $regex: '^\\d{4}-\\d{2}-\\d{2}$', $gt: lastBirthdayOfAdults(now) } },
    allOf([notOf({ [birthday]: { $type: 'string' } }), { 'fields.age.value': { $type: 'number', $lt: CHILD_BELOW_YEARS } }]),
  ]);
}
