import { Body, Controller, Inject, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { identitySchema, type IdentityQuery } from '../http/identity-body.js';
import { pageOf, type Page } from '../http/page.js';
import { Route } from '../http/route.js';
import { mintPrivacyLink, privacyLinkSchema, type PrivacyLink } from './mint-privacy-link.js';
import { listPrivacyRequests, requestQuerySchema, type RequestQuery } from './list-privacy-requests.js';
import { privacyRequestSchema, type PrivacyRequestView } from './privacy-request-view.js';

const linkBodySchema = z.strictObject({ identity: identitySchema }).meta({ id: 'PrivacyLinkBody', examples: [{ identity: { namespace: 'email', value: 'ana@example.com' } }] });

const example: PrivacyRequestView = {
  id: 'r-1', kind: 'erasure', status: 'received', identities: [{ namespace: 'email', value: 'a***@example.com' }], profileId: 'p-1', source: 'hook', connectionId: 'crm', isVerified: true, verification: 'source', regime: 'gdpr',
  requestedAt: '2026-11-24T08:00:00.000Z', receivedAt: '2026-11-24T08:00:01.000Z', dueAt: '2026-12-24T08:00:01.000Z', isOverdue: false, extension: null, refusal: null, result: null,
  history: [{ at: '2026-11-24T08:00:01.000Z', from: null, to: 'received', actor: { kind: 'system', id: null }, reason: 'source' }],
};

@ApiTags('Privacy')
@Controller('admin/v1')
export class PrivacyRequestsController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({
    method: 'GET', path: 'privacy-requests', summary: 'Lists what customers asked for', description: 'The first due first. Identities are masked; `profileId` leads to the person.', requires: ['read', 'privacyRequest'], isAudited: true,
    gives: pageOf(privacyRequestSchema), example: { items: [example], nextCursor: null },
  })
  list(@CallerOf() caller: Caller, @Query({ schema: requestQuerySchema }) query: RequestQuery): Promise<Page<PrivacyRequestView>> {
    return listPrivacyRequests(this.admin, caller, query);
  }

  @Route({
    method: 'POST', path: 'privacy-links', summary: 'Makes the link to a person’s privacy page', description: 'Send it only to the address that it is for: whoever has it decides for the person.',
    requires: ['create', 'privacyLink'], status: 201, isResult: true, gives: privacyLinkSchema, example: { url: 'https://data.example.com/privacy/default?token=…', expiresAt: '2026-12-01T08:00:00.000Z' },
  })
  mintLink(@CallerOf() caller: Caller, @Body({ schema: linkBodySchema }) { identity }: { identity: IdentityQuery }): Promise<PrivacyLink> {
    return mintPrivacyLink(this.admin, caller, identity);
  }
}
