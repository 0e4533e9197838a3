import { dataSubjectOf, decideAddition, decideConsent, isLoose, isSameHolder, isSameMember, type AudienceHolder, type MembershipState } from '@firsthand/domain';
import { buildPayload } from '../deliver/build-payload.js';
import { consentTargetOf, identifiersOf } from '../deliver/decide-delivery.js';
import { payloadDigest } from '../deliver/evidence-chain.js';
import { isIn } from '../person/move-segments.js';
import type { PersonWork } from '../person/person-work.js';
import type { WorkspaceConfiguration } from '../ports/configuration.js';
import type { CompareCounts } from '../ports/rows.js';
import type { Audience } from './audience.js';

/** What a compare finds of one person: what it is counted as, and what is to be planned. */
export interface Finding {
  as: Exclude<keyof CompareCounts, 'people'> | null;
  plan: 'addMembers' | 'removeMembers' | null;
}

/** A person, and what keys the digests of what they were sent; empty where nothing ever was. */
export interface ComparedPerson {
  person: PersonWork;
  salt: string;
}

const NOTHING: Finding = { as: null, plan: null };

/**
 * Compares whether a person is wanted in an audience, by their consent and segment as they are now, with what its recipient has confirmed. Where no segment tells, whoever its step has put in
 * and nobody taken out is wanted. What the gate decides
 * at the lane it decides anew: this only finds whom to ask it about.
 */
export function comparePerson({ person, salt }: ComparedPerson, states: readonly MembershipState[], audience: Audience, configuration: WorkspaceConfiguration, now: number): Finding {
  const { flow, step, connection, segmentId, mode } = audience;
  const { flowId, version } = flow.compiled.definition;
  const holder: AudienceHolder = { flowId, stepId: step.id, flowVersion: version, segmentId, purpose: audience.purpose };
  const sets = states.flatMap((state) => state.sets);
  const held = sets.filter((set) => set.state !== 'out' && set.holders.some((other) => isSameHolder(other, holder)));
  const isIncluded = held.length > 0 || sets.some(isLoose);
  const purpose = configuration.purposes.get(audience.purpose);
  const row = { segmentId, stepId: step.id };
  const target = consentTargetOf(row, connection, audience.destination, flow);
  const answer = decideConsent({ state: person.consents, subject: dataSubjectOf(person.profile), purpose, target, agreements: configuration.agreements, now });
  const isConsented = answer.isAllowed && purpose !== undefined;
  if (!isConsented || (segmentId === null ? held.length === 0 : !isIn(person, segmentId))) {
    if (!isIncluded) return NOTHING;
    // Without consent nobody stays, whatever the step does otherwise.
    return { as: 'surplus', plan: mode === 'mirror' || !isConsented ? 'removeMembers' : null };
  }
  const built = buildPayload(row, { connection, destination: audience.destination, flow, purpose, coversSensitive: answer.coversSensitive, standing: answer.standing }, person.profile, undefined, undefined, configuration);
  if ('error' in built) return { as: 'unusable', plan: null };
  const identifiers = identifiersOf(built.payload, audience.destination.identifiers);
  const { outcome, states: after } = decideAddition(states, {
    profileId: person.profile.profileId, identifiers, digest: payloadDigest(salt, built.payload), holder, mode, deliveryId: '', now,
  });
  const own = sets.filter((set) => isSameMember(set, { identifiers }));
  if (outcome !== 'send') return { as: outcome === 'not-a-member' ? 'missing' : 'confirmed', plan: after.every((state, index) => state === states[index]) ? null : 'addMembers' };
  if (own.some(({ state }) => state === 'open')) return { as: 'unconfirmed', plan: 'addMembers' };
  if (own.some(({ state }) => state === 'in') || held.length > 0) return { as: 'changed', plan: 'addMembers' };
  return { as: 'missing', plan: audience.isWholeSegment ? 'addMembers' : null };
}
