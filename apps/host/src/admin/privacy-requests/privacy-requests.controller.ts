import { Body, Controller, Inject, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { ADMIN, type AdminContext } from '../admin-context.js';
import type { PrivacyRequestContent } from '../documents.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { identitySchema, type IdentityQuery } from '../http/identity-body.js';
import { listConfigured, pageOf, pageQuerySchema, type Page, type PageQuery } from '../http/page.js';
import { Route } from '../http/route.js';
import { mintPrivacyLink, privacyLinkSchema, type PrivacyLink } from './mint-privacy-link.js';

const requestSchema = z.object({ id: z.string(), version: z.int(), kind: z.string(), status: z.string(), requestedAt: z.iso.datetime(), dueAt: z.iso.datetime().nullable() }).meta({ id: 'PrivacyRequest' });
type RequestView = z.infer<typeof requestSchema>;
const linkBodySchema = z.strictObject({ identity: identitySchema }).meta({ id: 'PrivacyLinkBody', examples: [{ identity: { namespace: 'email', value: 'ana@example.com' } }] });

@ApiTags('Privacy')
@Controller('admin/v1')
export class PrivacyRequestsController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({
    method: 'GET', path: 'privacy-requests', summary: 'Lists what customers asked for', requires: ['read', 'privacyRequest'], gives: pageOf(requestSchema),
    example: { items: [{ id: 'r-1', version: 1, kind: 'erasure', status: 'open', requestedAt: '2026-11-24T08:00:00.000Z', dueAt: '2026-12-24T08:00:00.000Z' }], nextCursor: null },
  })
  list(@CallerOf() { workspaceId }: Caller, @Query({ schema: pageQuerySchema }) query: PageQuery): Promise<Page<RequestView>> {
    return listConfigured<PrivacyRequestContent, RequestView>(this.admin, { kind: 'privacyRequests', workspaceId, query }, ({ id, version, content: { kind, status, requestedAt, dueAt } }) => (
      { id, version, kind, status, requestedAt: new Date(requestedAt).toISOString(), dueAt: dueAt === null ? null : new Date(dueAt).toISOString() }));
  }

  @Route({
    method: 'POST', path: 'privacy-links', summary: 'Makes the link to a person’s privacy page', description: 'Send it only to the address that it is for: whoever has it decides for the person.',
    requires: ['create', 'privacyLink'], status: 201, gives: privacyLinkSchema, example: { url: 'https://data.example.com/privacy/default?token=…', expiresAt: '2026-12-01T08:00:00.000Z' },
  })
  mintLink(@CallerOf() caller: Caller, @Body({ schema: linkBodySchema }) { identity }: { identity: IdentityQuery }): Promise<PrivacyLink> {
    return mintPrivacyLink(this.admin, caller, identity);
  }
}
