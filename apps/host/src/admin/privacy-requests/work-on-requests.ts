import { ACT_KINDS, dataSubjectOf, extendedDueAt, FirsthandError, WORKED_KINDS, type RequestActor } from '@firsthand/domain';
import { storeKey } from '@firsthand/persistence';
import { carryOutAct, findAsking, openRequest, type PrivacyRequestRow, type RequestAdvance } from '@firsthand/pipeline';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import { normaliseIdentity } from '../http/identity-body.js';
import { correctionSchema, rectifyPerson, type CorrectionBody } from '../profiles/rectify-profile.js';
import { findPerson, findPersonOf, type FoundPerson } from '../profiles/find-person.js';
import { viewPrivacyRequest, type PrivacyRequestDetail } from './privacy-request-view.js';
import type { CarryOutBody, ExtendBody, NewRequestBody, RefuseBody, VerifyBody } from './request-bodies.js';

type Change = Pick<RequestAdvance, 'to' | 'reason' | 'refusal' | 'verification'>;

/** Opens a request that somebody made in person, by letter or by telephone. @throws FirsthandError `INVALID_REQUEST` */
export async function createRequest(admin: AdminContext, caller: Caller, { kind, identity: given, verification, requestedAt, details }: NewRequestBody): Promise<PrivacyRequestDetail> {
  const { workspaceId } = caller;
  const [identity, now] = [normaliseIdentity(given), admin.clock()];
  const askedAt = Math.min(now, requestedAt === undefined ? now : Date.parse(requestedAt));
  const person = await findPersonOf(admin, workspaceId, identity);
  const row = openRequest({
    requestId: storeKey(workspaceId, admin.newId()), workspaceId, kind, identities: [identity], profileId: person?.profile.profileId ?? null, country: person === undefined ? null : dataSubjectOf(person.profile).country, source: 'admin', verification, actor: actorOf(caller),
    requestedAt: askedAt, details,
  }, admin.configuration.workspace(workspaceId).requestSettings, askedAt);
  await admin.requests.insertPrivacyRequest(row);
  return detailOf(row, now);
}

/** @throws FirsthandError `NOT_FOUND` */
export async function getRequest(admin: AdminContext, { workspaceId }: Caller, id: string): Promise<PrivacyRequestDetail> {
  return detailOf(await read(admin, workspaceId, id), admin.clock());
}

/** Vouches for somebody: from then on it can be worked on. @throws FirsthandError `NOT_FOUND`, `REQUEST_TRANSITION`, `CONFLICT` */
export function verifyRequest(admin: AdminContext, caller: Caller, id: string, { reason }: VerifyBody): Promise<PrivacyRequestDetail> {
  return advance(admin, caller, id, () => ({ to: 'received', reason, verification: reason }));
}

/** Begins the work: a worker takes it up where there is one for its kind. @throws FirsthandError `NOT_FOUND`, `IDENTITY_UNVERIFIED`, `REQUEST_TRANSITION`, `CONFLICT` */
export function startRequest(admin: AdminContext, caller: Caller, id: string): Promise<PrivacyRequestDetail> {
  return advance(admin, caller, id, () => ({ to: 'in-progress' }));
}

/** @throws FirsthandError `NOT_FOUND`, `REQUEST_TRANSITION`, `CONFLICT` */
export function refuseRequest(admin: AdminContext, caller: Caller, id: string, { reason }: RefuseBody): Promise<PrivacyRequestDetail> {
  return advance(admin, caller, id, () => ({ to: 'refused', reason, refusal: reason }));
}

/** The person wants it no more, and said so otherwise than on their page. @throws FirsthandError `NOT_FOUND`, `REQUEST_TRANSITION`, `CONFLICT` */
export function cancelRequest(admin: AdminContext, caller: Caller, id: string): Promise<PrivacyRequestDetail> {
  return advance(admin, caller, id, () => ({ to: 'cancelled' }));
}

/** Says that it is done, by hand. What a worker does only the worker can say. @throws FirsthandError `NOT_FOUND`, `REQUEST_TRANSITION`, `CONFLICT` */
export function completeRequest(admin: AdminContext, caller: Caller, id: string): Promise<PrivacyRequestDetail> {
  return advance(admin, caller, id, ({ kind }) => {
    if (WORKED_KINDS.includes(kind)) throw new FirsthandError('REQUEST_TRANSITION', `A worker completes a request of the kind ${kind}, when it has done it.`);
    if (ACT_KINDS.includes(kind)) throw new FirsthandError('REQUEST_TRANSITION', `A request of the kind ${kind} is completed by carrying it out.`);
    return { to: 'completed' };
  });
}

/**
 * Does what a request for rectification, restriction or objection asks for, and completes it with what was done: the paths of the fields, or the consent records.
 *
 * @throws FirsthandError `NOT_FOUND`, `REQUEST_TRANSITION`, `INVALID_REQUEST`, `CONFLICT`, `PERSON_ERASED`; of a correction those of `rectifyPerson` too
 */
export async function carryOutRequest(admin: AdminContext, caller: Caller, id: string, { purposes, correction }: CarryOutBody): Promise<PrivacyRequestDetail> {
  const request = await read(admin, caller.workspaceId, id);
  const person = await findRequester(admin, request);
  if (request.kind === 'rectification') return correctByRequest(admin, caller, request, { person, correction });
  return detailOf(await carryOutAct(request, { profile: person?.profile, purposes, method: 'api', by: { kind: 'admin', id: caller.principal.id }, actor: actorOf(caller) }, admin), admin.clock());
}

/** The correction has the id of its request: after a crash before the request was completed, doing it again corrects nothing twice. */
async function correctByRequest(admin: AdminContext, caller: Caller, request: PrivacyRequestRow, { person, correction }: { person: FoundPerson | undefined; correction: CorrectionBody | undefined }): Promise<PrivacyRequestDetail> {
  if (request.status !== 'in-progress') throw new FirsthandError('REQUEST_TRANSITION', `It is ${request.status}: only what is in progress is carried out.`);
  if (person === undefined) throw new FirsthandError('NOT_FOUND', 'Nobody is known by this request: refuse it as `not-held`.');
  const { fields } = await rectifyPerson(admin, caller, person, { body: correction ?? readAsked(request), by: 'person', correctionId: request.requestId });
  const completed = await admin.requests.advancePrivacyRequest(request.requestId, 'in-progress', { to: 'completed', at: admin.clock(), actor: actorOf(caller), result: { fields } });
  if (completed === undefined) throw new FirsthandError('CONFLICT', 'Somebody else has just worked on it.');
  return detailOf(completed, admin.clock());
}

/** What a request says is right, beside the person's own words. */
function readAsked({ details }: PrivacyRequestRow): CorrectionBody {
  const { text: _words, ...asked } = details ?? {};
  const read = correctionSchema.safeParse(asked);
  if (!read.success) throw new FirsthandError('INVALID_REQUEST', 'The request does not say it in a form that can be taken: send `correction`.', [{ path: '/correction', message: 'is needed' }]);
  return read.data;
}

/** The person of a request as known by now. */
async function findRequester(admin: AdminContext, request: PrivacyRequestRow): Promise<FoundPerson | undefined> {
  const [asking] = await admin.store.snapshot((reads) => findAsking(reads, request));
  return asking === undefined ? undefined : findPerson(admin, request.workspaceId, asking.profileId);
}

/** Takes more time, once. @throws FirsthandError `NOT_FOUND`, `NOT_EXTENDABLE`, `CONFLICT` */
export async function extendRequest(admin: AdminContext, { workspaceId }: Caller, id: string, { reason }: ExtendBody): Promise<PrivacyRequestDetail> {
  const { requestId, regime, status, dueAt, extension } = await read(admin, workspaceId, id);
  const now = admin.clock();
  const later = extendedDueAt({ regime, status, dueAt, isExtended: extension !== null }, now);
  const extended = await admin.requests.extendPrivacyRequest(requestId, { from: dueAt, dueAt: later, reason, at: now });
  if (extended === undefined) throw new FirsthandError('CONFLICT');
  return detailOf(extended, now);
}

async function advance(admin: AdminContext, caller: Caller, id: string, change: (row: PrivacyRequestRow) => Change): Promise<PrivacyRequestDetail> {
  const row = await read(admin, caller.workspaceId, id);
  const at = admin.clock();
  const moved = await admin.requests.advancePrivacyRequest(row.requestId, row.status, { ...change(row), at, actor: actorOf(caller) });
  if (moved === undefined) throw new FirsthandError('CONFLICT', 'Somebody else has just worked on it.');
  return detailOf(moved, at);
}

async function read({ requests }: AdminContext, workspaceId: string, id: string): Promise<PrivacyRequestRow> {
  const row = await requests.findPrivacyRequest(storeKey(workspaceId, id));
  if (row === undefined) throw new FirsthandError('NOT_FOUND');
  return row;
}

function actorOf({ principal: { kind, id } }: Caller): RequestActor {
  return { kind, id };
}

function detailOf(row: PrivacyRequestRow, now: number): PrivacyRequestDetail {
  return { ...viewPrivacyRequest(row, now), details: row.details };
}
