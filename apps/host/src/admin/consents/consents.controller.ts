import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { idSchema } from '../http/id-schema.js';
import { identityQuerySchema, type IdentityQuery } from '../http/identity-body.js';
import { Route } from '../http/route.js';
import { getReceipt, receiptSchema, type Receipt } from './consent-receipts.js';
import { consentsAtSchema, getConsentsAt, momentQuerySchema, type ConsentsAt, type MomentQuery } from './consents-at.js';
import {
  consentBodySchema, consentRecordsSchema, consentStandingSchema, getConsents, submitConsents, type ConsentBody, type ConsentRecordView, type ConsentStandings,
} from './consents.js';

const record: ConsentRecordView = {
  recordId: 'c-1', purpose: 'marketing', decision: 'granted', recipients: ['own', 'processor'], agreementId: 'privacy-notice', agreementVersion: 1, textHash: 'f2ca1bb6…', method: 'api',
  sourceConnectionId: null, isVerified: true, effectiveAt: '2026-11-24T08:00:00.000Z', recordedAt: '2026-11-24T08:00:00.000Z',
  actor: { kind: 'clerk', id: 'till-7' }, isUnproven: false, isUnconfirmed: false, confirms: null, importedAs: null, signatureHash: null, servedNotice: null,
};

@ApiTags('Consents')
@Controller('admin/v1/consents')
export class ConsentsController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({
    method: 'POST', summary: 'Records what a person decided', description: 'When it answers, no send that is decided later sees the old state.', requires: ['create', 'consent'], status: 201,
    gives: consentRecordsSchema, example: { records: [record] },
  })
  submit(@CallerOf() caller: Caller, @Body({ schema: consentBodySchema }) body: ConsentBody): Promise<{ records: ConsentRecordView[] }> {
    return submitConsents(this.admin, caller, body);
  }

  @Route({
    method: 'GET', summary: 'What stands for a person, and the log behind it', requires: ['read', 'consent'], isAudited: true, gives: consentStandingSchema,
    example: { purposes: [{ purpose: 'marketing', recipient: 'processor', isAllowed: true, reason: 'consent-granted', validUntil: null }], records: [record] },
  })
  get(@CallerOf() caller: Caller, @Query({ schema: identityQuerySchema }) identity: IdentityQuery): Promise<ConsentStandings> {
    return getConsents(this.admin, caller, identity);
  }

  @Route({
    method: 'GET', path: ':profile', summary: 'What stood for a person at any moment', description: 'On both clocks: when people decided, and when it was known here. Folded from the ledger, with the merges that were known then.',
    requires: ['read', 'consent'], isAudited: true, gives: consentsAtSchema, errors: ['NOT_FOUND'],
    example: {
      profileId: 'p-1', mergedFrom: [], effectiveAt: '2026-11-24T08:00:00.000Z', knownAt: '2026-11-24T08:00:00.000Z',
      purposes: [{ purpose: 'marketing', recipient: 'processor', isAllowed: true, reason: 'consent-granted', validUntil: null, recordId: 'c-1' }], records: [record],
    },
  })
  at(@CallerOf() caller: Caller, @Param('profile', { schema: idSchema }) profile: string, @Query({ schema: momentQuerySchema }) moment: MomentQuery): Promise<ConsentsAt> {
    return getConsentsAt(this.admin, caller, profile, moment);
  }

  @Route({
    method: 'GET', path: ':recordId/receipt', summary: 'A signed receipt of one decision', description: 'Verifies with the public keys at `/.well-known/jwks.json` and nothing else. The person finds their own on the privacy page.',
    requires: ['read', 'consent'], isAudited: true, gives: receiptSchema, errors: ['NOT_FOUND', 'RECORD_NOT_INTACT'],
    example: { id: 'c-1', jws: 'eyJhbGciOiJFZERTQSJ9.eyJqdGkiOiJjLTEifQ.c2lnbmF0dXJl', content: { jti: 'c-1', consent_record: { event: { event_state: 'given' } } } },
  })
  receipt(@CallerOf() caller: Caller, @Param('recordId', { schema: idSchema }) recordId: string): Promise<Receipt> {
    return getReceipt(this.admin, caller, recordId);
  }
}
