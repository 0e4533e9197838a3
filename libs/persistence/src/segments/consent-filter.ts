import { DAY_MS } from '@firsthand/domain';
import type { WorkspaceConfiguration } from '@firsthand/pipeline';
import { allOf, anyOf, EVERYBODY, NOBODY, notOf, type Filter } from './filter.js';

/** Where a pipeline joins the row of a person's consents, as a list of one or none. */
export const CONSENT_JOIN = 'consent';

/** The rules that consents are decided by. */
export type ConsentRules = Pick<WorkspaceConfiguration, 'purposes' | 'agreements'>;

/** Compiles the question whether the brand may use data for a purpose; see `decideConsent`, which it equals for recipient `own`. Denies whatever is unsure. */
export function consentFilter(purposeKey: string, { purposes, agreements }: ConsentRules, now: number): Filter {
  const purpose = purposes.get(purposeKey);
  if (purpose === undefined) return NOBODY;
  const standing = `state.${purpose.key}.own`;
  const ofPerson = (filter: Filter): Filter => ({ [CONSENT_JOIN]: { $elemMatch: filter } });
  if (purpose.lawfulBasis === 'legitimate') return notOf(ofPerson({ [`${standing}.decision`]: { $exists: true, $ne: 'granted' } }));
  if (purpose.lawfulBasis !== 'consent') return EVERYBODY;
  const covering = [...agreements].flatMap(([agreementId, versions]) => {
    const inForce = versions.filter(({ version, purposes: keys }) => keys.includes(purpose.key) && !versions.some((newer) => newer.isMaterial && newer.version > version));
    return inForce.length === 0 ? [] : [{ [`${standing}.agreementId`]: agreementId, [`${standing}.agreementVersion`]: { $in: inForce.map(({ version }) => version) } }];
  });
  const validSince = purpose.expiresAfterDays === null ? {} : { $gt: now - purpose.expiresAfterDays * DAY_MS };
  return ofPerson(allOf([{ [`${standing}.decision`]: 'granted', [`${standing}.effectiveAt`]: { $lte: now, ...validSince } }, anyOf(covering)]));
}

/** Whether a purpose is decided by a person's own consents, so that they have to be read. */
export function readsConsents(purposeKey: string, { purposes }: ConsentRules): boolean {
  const basis = purposes.get(purposeKey)?.lawfulBasis;
  return basis === 'consent' || basis === 'legitimate';
}
