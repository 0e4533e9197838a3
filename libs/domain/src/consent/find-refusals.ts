import { EVERY_PURPOSE, type ConsentStanding } from './consent.js';
import { needsGrant, placesForAll, separateScopes, standingAt, type ConsentPlace } from './consent-places.js';
import { lawfulBasisFor } from './data-subject.js';
import type { ConsentQuestion } from './decide-consent.js';
import { isRefusal } from './consent-terms.js';

/** What a recipient got, and whom it is of. */
export interface RefusalQuestion extends Omit<ConsentQuestion, 'agreements'> {
  /** The key of the purpose, also where there is none of that key any more. */
  purposeKey: string;
  /** Whether fields of the class `sensitive` were among what went. */
  hasSensitive: boolean;
}

/**
 * The refusals that stand against what a recipient got for a purpose: it is to be taken back (GDPR art. 7(3), 17(1)(b) and (c)). These are the places at which
 * `decideConsent` looks; what else denies a send (a grant that has expired, a recipient that is listed no more) refuses nothing. A purpose that is gone has no basis
 * to go on: any refusal counts.
 *
 * @example findRefusals({ state, subject, purposeKey: 'ads', purpose, target, hasSensitive: false, now }).length > 0 // is to be taken back
 */
export function findRefusals(question: RefusalQuestion): ConsentStanding[] {
  return decidingPlaces(question).flatMap((place) => {
    const standing = standingAt(question.state, place);
    return standing !== null && isRefusal(standing.decision) ? [standing] : [];
  });
}

/**
 * The places of a state that a use hangs on: where a refusal would stand against it, or a grant for it.
 *
 * @example decidingPlaces(question) // [['*', 'processor'], ['ads', 'processor']]
 */
export function decidingPlaces({ purpose, purposeKey, subject, target, hasSensitive, now }: RefusalQuestion): ConsentPlace[] {
  const { recipient, channel } = target;
  if (purpose === undefined) return [purposeKey, EVERY_PURPOSE].flatMap((key): ConsentPlace[] => [[key, recipient], ...(channel === null ? [] : [[key, channel] as const])]);
  const basis = lawfulBasisFor(purpose, subject);
  const ofUse: ConsentPlace[] = basis === 'legitimate' || needsGrant(purpose, basis, recipient) ? [[purposeKey, recipient]] : [];
  const separate = separateScopes(purpose, { target, subject, now }).filter((scope) => scope !== 'sensitive' || hasSensitive);
  return [...placesForAll(purposeKey, basis, target), ...ofUse, ...separate.map((scope): ConsentPlace => [purposeKey, scope])];
}
