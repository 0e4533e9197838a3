import { coversField, dataSubjectOf, decideConsent, matchSubjectOf, OWN_USE, type MatchSubject } from '@firsthand/domain';
import type { WorkspaceConfiguration } from '../ports/configuration.js';
import type { PersonWork } from '../person/person-work.js';

/** What matching is allowed by, and when it is asked. */
export interface MatchContext {
  configuration: WorkspaceConfiguration;
  now: number;
}

/**
 * What of a person may be compared, by the purpose that the workspace has declared for matching: it is a use of their data by the brand itself, decided like any other. A restriction (GDPR art. 18), an objection
 * (art. 21), a missing or ended consent where the basis is one, and a purpose that is gone all leave the person out; fields that the purpose does not cover are not read, sensitive ones only with a consent of their own.
 *
 * @param person with what may still be kept of them, as `loadPeople` gives them
 * @returns null where nothing may be
 */
export function matchable({ profile, consents }: Pick<PersonWork, 'profile' | 'consents'>, { configuration, now }: MatchContext): MatchSubject | null {
  const { matching, purposes, agreements, sensitivePaths } = configuration;
  const purpose = matching === undefined ? undefined : purposes.get(matching.purpose);
  if (purpose === undefined) return null;
  const { isAllowed, coversSensitive } = decideConsent({ state: consents, subject: dataSubjectOf(profile), purpose, target: OWN_USE, agreements, now });
  if (!isAllowed) return null;
  return matchSubjectOf(profile, (path) => coversField(purpose, path) && (coversSensitive || !sensitivePaths.includes(path)));
}
