import { dataSubjectOf, FirsthandError, lawfulBasisFor, type ConsentActor, type ConsentMethod, type JsonValue, type Profile, type RequestActor } from '@firsthand/domain';
import { actingIdentity, objectTo, setRestriction, type DataSubjectAct } from '../consent/data-subject-acts.js';
import type { RecordConsentsOptions } from '../consent/record-consents.js';
import type { PrivacyRequestRow, PrivacyRequestStore } from '../ports/privacy-requests.js';

/** Who carries a request out, and for whom. */
export interface ActOrder {
  /** The person as known by now; undefined for somebody who is not. */
  profile: Pick<Profile, 'identities' | 'verifiedKeys' | 'fields'> | undefined;
  /** Of an objection: to which purposes. Left out, those that the request names; else all that rest on an interest of the brand. */
  purposes?: readonly string[] | undefined;
  method: ConsentMethod;
  /** Into the ledger. */
  by: ConsentActor;
  /** Into the history of the request. */
  actor: RequestActor;
}

/**
 * Does what a request for restriction or objection asks for (GDPR art. 18 and 21), and completes it with the records that say so. The records come first: after a crash in between the request is in
 * progress still, and doing it again finds what stands and records nothing twice.
 *
 * @throws FirsthandError REQUEST_TRANSITION for a request of another kind or that is not in progress, INVALID_REQUEST for an unknown purpose or when there is none to object to, CONFLICT when somebody else was quicker,
 * PERSON_ERASED, UNAVAILABLE
 * @example await carryOutAct(request, { profile, method: 'api', by: { kind: 'admin', id }, actor }, { ...options, requests });
 */
export async function carryOutAct(request: PrivacyRequestRow, order: ActOrder, options: RecordConsentsOptions & { requests: PrivacyRequestStore }): Promise<PrivacyRequestRow> {
  const { requestId, workspaceId, kind, status, identities } = request;
  if (kind !== 'restriction' && kind !== 'objection') throw new FirsthandError('REQUEST_TRANSITION', `A request of the kind ${kind} is carried out otherwise.`);
  if (status !== 'in-progress') throw new FirsthandError('REQUEST_TRANSITION', `It is ${status}: only what is in progress is carried out.`);
  const identity = (order.profile === undefined ? undefined : actingIdentity(order.profile)) ?? identities[0];
  if (identity === undefined) throw new FirsthandError('NOT_FOUND', 'The request names nobody.');
  const act: DataSubjectAct = { workspaceId, identity, method: order.method, actor: order.by };
  const purposes = kind === 'objection' ? purposesOf(request, order, options) : null;
  const records = purposes === null ? await setRestriction(act, true, options) : await objectTo(act, purposes, options);
  const result = { records: [...new Set(records.map(({ recordId }) => recordId))], ...(purposes === null ? {} : { purposes: [...purposes] }) };
  const completed = await options.requests.advancePrivacyRequest(requestId, 'in-progress', { to: 'completed', at: options.clock(), actor: order.actor, result });
  if (completed === undefined) throw new FirsthandError('CONFLICT', 'Somebody else has just worked on it.');
  return completed;
}

function purposesOf({ workspaceId, details }: PrivacyRequestRow, { purposes, profile }: ActOrder, { configuration }: RecordConsentsOptions): readonly string[] {
  const named = purposes ?? textsOf(details?.purposes);
  if (named.length > 0) return [...new Set(named)];
  const subject = dataSubjectOf(profile ?? { fields: {} });
  const resting = [...configuration.workspace(workspaceId).purposes.values()].filter((purpose) => lawfulBasisFor(purpose, subject) === 'legitimate').map(({ key }) => key);
  if (resting.length === 0) throw new FirsthandError('INVALID_REQUEST', 'Say to which purposes: none rests on an interest of yours.', [{ path: '/purposes', message: 'is needed' }]);
  return resting;
}

function textsOf(value: JsonValue | undefined): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}
