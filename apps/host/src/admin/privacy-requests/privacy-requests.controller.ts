import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { RequestSettings } from '@firsthand/domain';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { idSchema } from '../http/id-schema.js';
import { IfMatch } from '../http/if-match.js';
import { pageOf, type Page } from '../http/page.js';
import { Route } from '../http/route.js';
import { listPrivacyRequests, requestQuerySchema, type RequestQuery } from './list-privacy-requests.js';
import { privacyRequestDetailSchema, privacyRequestSchema, type PrivacyRequestDetail, type PrivacyRequestView } from './privacy-request-view.js';
import { carryOutSchema, extendSchema, newRequestSchema, refuseSchema, verifySchema, type CarryOutBody, type ExtendBody, type NewRequestBody, type RefuseBody, type VerifyBody } from './request-bodies.js';
import { getRequestSettings, REQUEST_SETTINGS_EXAMPLE, requestSettingsBodySchema, requestSettingsViewSchema, setRequestSettings, type RequestSettingsView } from './request-settings.js';
import { cancelRequest, carryOutRequest, completeRequest, createRequest, extendRequest, getRequest, refuseRequest, startRequest, verifyRequest } from './work-on-requests.js';

const listed: PrivacyRequestView = {
  id: 'r-1', kind: 'erasure', status: 'received', identities: [{ namespace: 'email', value: 'a***@example.com' }], profileId: 'p-1', source: 'hook', connectionId: 'crm', isVerified: true, verification: 'source', regime: 'gdpr',
  requestedAt: '2026-11-24T08:00:00.000Z', receivedAt: '2026-11-24T08:00:01.000Z', dueAt: '2026-12-24T08:00:01.000Z', isOverdue: false, extension: null, refusal: null, result: null,
  history: [{ at: '2026-11-24T08:00:01.000Z', from: null, to: 'received', actor: { kind: 'system', id: null }, reason: 'source' }],
};
const example: PrivacyRequestDetail = { ...listed, details: null };
const settings: RequestSettingsView = { version: 2, ...REQUEST_SETTINGS_EXAMPLE };
const act = { method: 'POST', requires: ['operate', 'privacyRequest'], gives: privacyRequestDetailSchema, example } as const;

@ApiTags('Privacy')
@Controller('admin/v1')
export class PrivacyRequestsController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({
    method: 'GET', path: 'privacy-requests', summary: 'Lists what customers asked for', description: 'The first due first. Identities are masked; `profileId` leads to the person.', requires: ['read', 'privacyRequest'], isAudited: true,
    gives: pageOf(privacyRequestSchema), example: { items: [listed], nextCursor: null },
  })
  list(@CallerOf() caller: Caller, @Query({ schema: requestQuerySchema }) query: RequestQuery): Promise<Page<PrivacyRequestView>> {
    return listPrivacyRequests(this.admin, caller, query);
  }

  @Route({
    method: 'POST', path: 'privacy-requests', summary: 'Opens a request that somebody made otherwise', description: 'By letter, by telephone, in a store. The due date follows from the person’s country.', requires: ['create', 'privacyRequest'], status: 201,
    gives: privacyRequestDetailSchema, example,
  })
  open(@CallerOf() caller: Caller, @Body({ schema: newRequestSchema }) body: NewRequestBody): Promise<PrivacyRequestDetail> {
    return createRequest(this.admin, caller, body);
  }

  @Route({ method: 'GET', path: 'privacy-requests/:id', summary: 'One request, with what the person wrote', requires: ['read', 'privacyRequest'], isAudited: true, gives: privacyRequestDetailSchema, errors: ['NOT_FOUND'], example })
  get(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string): Promise<PrivacyRequestDetail> {
    return getRequest(this.admin, caller, id);
  }

  @Route({ ...act, path: 'privacy-requests/:id/verify', summary: 'Vouches that the person asks', errors: ['NOT_FOUND', 'REQUEST_TRANSITION', 'CONFLICT'] })
  verify(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @Body({ schema: verifySchema }) body: VerifyBody): Promise<PrivacyRequestDetail> {
    return verifyRequest(this.admin, caller, id, body);
  }

  @Route({ ...act, path: 'privacy-requests/:id/start', summary: 'Begins the work', description: 'It cannot be cancelled any more.', errors: ['NOT_FOUND', 'IDENTITY_UNVERIFIED', 'REQUEST_TRANSITION', 'CONFLICT'] })
  start(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string): Promise<PrivacyRequestDetail> {
    return startRequest(this.admin, caller, id);
  }

  @Route({ ...act, path: 'privacy-requests/:id/refuse', summary: 'Refuses it, with the reason that the person reads', errors: ['NOT_FOUND', 'REQUEST_TRANSITION', 'CONFLICT'] })
  refuse(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @Body({ schema: refuseSchema }) body: RefuseBody): Promise<PrivacyRequestDetail> {
    return refuseRequest(this.admin, caller, id, body);
  }

  @Route({ ...act, path: 'privacy-requests/:id/extend', summary: 'Takes more time, once, as far as the law allows', errors: ['NOT_FOUND', 'NOT_EXTENDABLE', 'CONFLICT'] })
  extend(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @Body({ schema: extendSchema }) body: ExtendBody): Promise<PrivacyRequestDetail> {
    return extendRequest(this.admin, caller, id, body);
  }

  @Route({ ...act, path: 'privacy-requests/:id/complete', summary: 'Says that it is done', description: 'Access, portability and erasure are completed by the worker that carries them out, restriction and objection by `carry-out`; a rectification here when it was made elsewhere.', errors: ['NOT_FOUND', 'REQUEST_TRANSITION', 'CONFLICT'] })
  complete(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string): Promise<PrivacyRequestDetail> {
    return completeRequest(this.admin, caller, id);
  }

  @Route({
    ...act, path: 'privacy-requests/:id/carry-out', summary: 'Does what a request for rectification, restriction or objection asks for, and completes it', description: 'It holds when this answers; `result` names the consent records, or the paths of the fields that were corrected. `POST /admin/v1/profiles/:id/restriction` lifts a restriction.',
    errors: ['NOT_FOUND', 'REQUEST_TRANSITION', 'CONFLICT', 'INVALID_REQUEST', 'PERSON_ERASED', 'NOT_CORRECTABLE', 'IDENTITY_TAKEN'],
  })
  carryOut(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @Body({ schema: carryOutSchema }) body: CarryOutBody): Promise<PrivacyRequestDetail> {
    return carryOutRequest(this.admin, caller, id, body);
  }

  @Route({ ...act, path: 'privacy-requests/:id/cancel', summary: 'Takes it back for the person', errors: ['NOT_FOUND', 'REQUEST_TRANSITION', 'CONFLICT'] })
  cancel(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string): Promise<PrivacyRequestDetail> {
    return cancelRequest(this.admin, caller, id);
  }

  @Route({ method: 'GET', path: 'privacy-request-settings', summary: 'The law that due dates go by, its days off, and what machines may begin', requires: ['read', 'privacyRequest'], isResult: true, gives: requestSettingsViewSchema, example: settings })
  getSettings(@CallerOf() caller: Caller): Promise<RequestSettingsView> {
    return getRequestSettings(this.admin, caller);
  }

  @Route({
    method: 'PUT', path: 'privacy-request-settings', summary: 'Sets the law that due dates go by, its days off, and what machines may begin', description: 'For requests that come from then on.', requires: ['operate', 'privacyRequest'], isUpdate: true, isResult: true, gives: requestSettingsViewSchema, example: settings,
  })
  setSettings(@CallerOf() caller: Caller, @IfMatch() ifMatch: number, @Body({ schema: requestSettingsBodySchema }) body: RequestSettings): Promise<RequestSettingsView> {
    return setRequestSettings(this.admin, caller, ifMatch, body);
  }
}
