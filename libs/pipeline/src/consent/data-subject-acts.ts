import { EVERY_PURPOSE, isRefusal, NAMESPACES, RECIPIENT_KINDS, standingAt, type ConsentActor, type ConsentMethod, type ConsentRecord, type ConsentState, type Identity, type Profile } from '@firsthand/domain';
import { recordConsents, type RecordConsentsOptions } from './record-consents.js';

/** Whose act it is, and by what way it was told. */
export interface DataSubjectAct {
  workspaceId: string;
  /** Normalised: of {@link actingIdentity}, or the one of a page's link. */
  identity: Identity;
  method: ConsentMethod;
  /** Who did it: the person on their page, or staff for them. */
  actor: ConsentActor;
}

/**
 * The identity under which an act of a known person is recorded: the strongest that is proven to be theirs, else the strongest. Undefined for a profile without any.
 *
 * @example actingIdentity(profile) // { namespace: 'userId', value: 'u-1' }
 */
export function actingIdentity({ identities, verifiedKeys }: Pick<Profile, 'identities' | 'verifiedKeys'>): Identity | undefined {
  const rank = ({ namespace, value }: Identity): number => (verifiedKeys.includes(`${namespace}|${value}`) ? 0 : 10_000) + (NAMESPACES.get(namespace)?.rank ?? 1_000);
  return [...identities].sort((one, other) => rank(one) - rank(other))[0];
}

/**
 * Restricts all use of a person's data, or lifts that (GDPR art. 18): what is stored stays, and nothing but legal duties and vital interests uses it, for the brand or anybody else. Recipients are
 * told to take the person out (art. 19). Lifting it grants nothing: what was decided for each purpose counts again. What stands already is not recorded again: the record that stands is given,
 * and none for the lifting of a restriction that there is not.
 *
 * @throws FirsthandError PERSON_ERASED, UNAVAILABLE
 * @example await setRestriction({ workspaceId, identity, method: 'toggle', actor: { kind: 'person' } }, true, options);
 */
export function setRestriction(act: DataSubjectAct, isRestricted: boolean, options: RecordConsentsOptions): Promise<ConsentRecord[]> {
  return recordConsents({ ...act, ...ONCE, decisions: [{ purpose: EVERY_PURPOSE, decision: isRestricted ? 'denied' : 'granted', recipients: RECIPIENT_KINDS }] }, options);
}

/**
 * Records that a person objects to purposes (GDPR art. 21): it ends every use that rests on legitimate interest or consent, for all recipients, until the person agrees. What is objected to already is
 * not recorded again: the record that stands is given.
 *
 * @throws FirsthandError INVALID_REQUEST for an unknown purpose, PERSON_ERASED, UNAVAILABLE
 * @example await objectTo({ workspaceId, identity, method: 'api', actor: { kind: 'admin', id } }, ['profiling'], options);
 */
export function objectTo(act: DataSubjectAct, purposes: readonly string[], options: RecordConsentsOptions): Promise<ConsentRecord[]> {
  return recordConsents({ ...act, ...ONCE, decisions: purposes.map((purpose) => ({ purpose, decision: 'objected', recipients: RECIPIENT_KINDS })) }, options);
}

/** Whether a restriction of all use stands, for any kind of recipient. */
export function isRestricted(consents: ConsentState | undefined): boolean {
  return RECIPIENT_KINDS.some((kind) => {
    const standing = standingAt(consents, [EVERY_PURPOSE, kind]);
    return standing !== null && isRefusal(standing.decision);
  });
}

const ONCE = { agreement: null, submissionId: '', unlessStanding: true } as const;
