import { Body, Controller, Header, Inject, Param, Query, RawBody, Res, UseInterceptors } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { z } from 'zod';
import { ADMIN, type AdminContext } from '../admin/admin-context.js';
import { CallerOf, type Caller } from '../admin/http/caller.js';
import { idSchema } from '../admin/http/id-schema.js';
import { Route } from '../admin/http/route.js';
import { certificateOf, describeOpenDsr } from './discovery.js';
import { cancelSubjectRequest, fetchResults, getSubjectRequest } from './follow-subject-request.js';
import { cancellationSchema, discoverySchema, receiptSchema, resultsQuerySchema, statusSchema, subjectRequestSchema, type OpenDsrCancellation, type OpenDsrDiscovery, type OpenDsrReceipt, type OpenDsrStatusBody, type ResultsQuery, type SubjectRequestBody } from './opendsr-schemas.js';
import { SignAnswerInterceptor } from './sign-answer.interceptor.js';
import { OPENDSR_PATH } from './status-body.js';
import { submitSubjectRequest } from './submit-subject-request.js';

const subject_request_id = 'a7551968-d5d6-44b2-9831-815ac9017798';
const receipt: OpenDsrReceipt = { controller_id: 'k-1', expected_completion_time: '2026-12-24T08:00:00.000Z', received_time: '2026-11-24T08:00:01.000Z', encoded_request: 'eyJyZWd1bGF0aW9uIjoiZ2Rwci…', subject_request_id, api_version: '2.0' };
const status: OpenDsrStatusBody = {
  controller_id: 'k-1', expected_completion_time: '2026-12-24T08:00:00.000Z', subject_request_id, request_status: 'completed', api_version: '2.0', results_url: `https://data.example.com/${OPENDSR_PATH}/requests/${subject_request_id}/results`, results_count: 2,
  extensions: { 'data.example.com': { status: 'completed', refusal: null, callbacks_missed: 0 } },
};
const cancellation: OpenDsrCancellation = { controller_id: 'k-1', subject_request_id, received_time: '2026-11-24T09:00:00.000Z', api_version: '2.0' };
const discovery: OpenDsrDiscovery = {
  api_version: '2.0', supported_identities: [{ identity_type: 'email', identity_format: 'raw' }], supported_subject_request_types: ['access', 'portability', 'erasure'], processor_certificate: `https://data.example.com/${OPENDSR_PATH}/certificate.pem`,
  extensions: { 'data.example.com': { signature_algorithm: 'RSA-SHA256', jwks_url: null, supported_identities: ['email', 'phone'] } },
};

/** OpenDSR 2.0: requests of data subjects that a controller's or vendor's machine hands in and follows. */
@ApiTags('OpenDSR')
@UseInterceptors(SignAnswerInterceptor)
@Controller(OPENDSR_PATH)
export class OpenDsrController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({ method: 'GET', path: 'discovery', summary: 'What machines may ask for, and by what they verify the answers', requires: { publicBecause: 'who gets a callback looks up what verifies it' }, gives: discoverySchema, example: discovery })
  discover(): OpenDsrDiscovery {
    return describeOpenDsr(this.admin);
  }

  @Route({ method: 'GET', path: 'certificate.pem', summary: 'The certificate that verifies answers and callbacks', requires: { publicBecause: 'a certificate is for everybody' }, produces: 'application/x-pem-file', gives: z.string(), errors: ['NOT_FOUND'], example: '-----BEGIN CERTIFICATE-----\n…' })
  @Header('Content-Type', 'application/x-pem-file')
  certificate(): string {
    return certificateOf(this.admin.bodySigner);
  }

  @Route({
    method: 'POST', path: 'requests', summary: 'Hands a request of a data subject in', description: 'The same body under the same id is answered as the first time. The caller answers for who asks. The answer is signed: `X-OpenDSR-Signature`.', requires: ['create', 'machineRequest'], status: 201,
    isResult: true, gives: receiptSchema, errors: ['IDENTITY_UNSUPPORTED', 'IDENTITIES_DIFFER', 'SUBJECT_REQUEST_EXISTS'], example: receipt,
  })
  submit(@CallerOf() caller: Caller, @Body({ schema: subjectRequestSchema }) body: SubjectRequestBody, @RawBody() raw: Buffer): Promise<OpenDsrReceipt> {
    return submitSubjectRequest(this.admin, caller, body, raw);
  }

  @Route({ method: 'GET', path: 'requests/:id', summary: 'How a request that the caller handed in stands', requires: ['read', 'machineRequest'], isResult: true, gives: statusSchema, errors: ['NOT_FOUND'], example: status })
  get(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string): Promise<OpenDsrStatusBody> {
    return getSubjectRequest(this.admin, caller, id);
  }

  @Route({
    method: 'DELETE', path: 'requests/:id', summary: 'Takes a request back that is still pending', requires: ['delete', 'machineRequest'], status: 202, isResult: true, gives: cancellationSchema, errors: ['NOT_FOUND', 'REQUEST_TRANSITION', 'CONFLICT'], example: cancellation,
  })
  cancel(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string): Promise<OpenDsrCancellation> {
    return cancelSubjectRequest(this.admin, caller, id);
  }

  @Route({
    method: 'GET', path: 'requests/:id/results', summary: 'Fetches a file of the results, once', description: 'Of access and portability: JSON in the form of `docs/person-export.md`, or with `format=html` a page.', requires: ['reveal', 'machineRequest'], isResult: true, isAudited: true, gives: z.string(),
    produces: 'application/json', errors: ['NOT_FOUND', 'EXPORT_GONE'], example: '{"format":"firsthand.person-export","formatVersion":1}',
  })
  results(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @Query({ schema: resultsQuerySchema }) { format }: ResultsQuery, @Res() response: Response): Promise<void> {
    return fetchResults(this.admin, caller, id, format, response);
  }
}
