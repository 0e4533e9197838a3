import { dataSubjectOf, decideConsent, type CopyReason, type JsonObject } from '@firsthand/domain';
import { buildPayload } from '../deliver/build-payload.js';
import { consentTargetOf, identifiersOf } from '../deliver/decide-delivery.js';
import { subjectOf } from '../person/move-segments.js';
import type { PersonWork } from '../person/person-work.js';
import type { WorkspaceConfiguration } from '../ports/configuration.js';
import { stepOf, type ReconcilePlace } from './reconcile-place.js';

/** Whether a person belongs into the system by a rule; if not, why. */
export interface CopyStanding {
  isWanted: boolean;
  reason: Extract<CopyReason, 'no-consent' | 'not-in-condition'> | null;
  /** Why consent does not allow it. */
  consent: string | null;
  /** Canonical names of the fields that may go there now: what the purpose covers, without what is sensitive where nobody has agreed to that. */
  fields: string[];
  /** Whether a payload can be made of them that the destination takes. */
  isUsable: boolean;
  /** By which identifiers that names the person; none where it cannot be made. */
  identifiers: JsonObject;
}

/** Where a person stands with a rule now: by their consent, asked as at the lane, and by the rule's condition. The lane asks again before anything goes. */
export function standingOf(person: PersonWork, place: ReconcilePlace, configuration: WorkspaceConfiguration, now: number): CopyStanding {
  const { rule, flow, connection, destination } = place;
  const step = { stepId: stepOf(place).stepId, segmentId: null };
  const purpose = configuration.purposes.get(rule.purpose);
  const { isAllowed, reason, coversSensitive } = decideConsent({
    state: person.consents, subject: dataSubjectOf(person.profile), purpose, target: consentTargetOf(step, connection, destination, flow), agreements: configuration.agreements, now,
  });
  const nothing = { isWanted: false, fields: [], isUsable: false, identifiers: {} };
  if (!isAllowed || purpose === undefined) return { ...nothing, reason: 'no-consent', consent: reason };
  if (!flow.compiled.admits(subjectOf(person, configuration), now, configuration.flowSettings)) return { ...nothing, reason: 'not-in-condition', consent: null };
  const built = buildPayload(step, { connection, destination, flow, purpose, coversSensitive }, person.profile, undefined, undefined, configuration);
  const isHidden = (field: string): boolean => !coversSensitive && configuration.sensitivePaths.includes(`profile.${field}`);
  return { isWanted: true, reason: null, consent: null, fields: place.fields.filter((field) => !isHidden(field)), ...('error' in built ? { isUsable: false, identifiers: {} } : { isUsable: true, identifiers: identifiersOf(built.payload, destination.identifiers) }) };
}
