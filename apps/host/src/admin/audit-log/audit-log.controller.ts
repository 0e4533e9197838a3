import { Controller, Inject, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { ADMIN, type AdminContext } from '../admin-context.js';
import type { AuditContent } from '../documents.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { listConfigured, pageOf, pageQuerySchema, type Page, type PageQuery } from '../http/page.js';
import { Route } from '../http/route.js';

const auditSchema = z.object({
  id: z.string(), actorKind: z.enum(['user', 'apiKey', 'system']), actorId: z.string(), method: z.string(), route: z.string(), resourceId: z.string().nullable(), outcome: z.string(), at: z.iso.datetime(),
}).meta({ id: 'AuditRow' });
type AuditView = z.infer<typeof auditSchema>;

@ApiTags('Audit log')
@Controller('admin/v1/audit-log')
export class AuditLogController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({
    method: 'GET', summary: 'Who changed what, and who looked at customers, newest first', requires: ['read', 'auditLog'], gives: pageOf(auditSchema),
    example: { items: [{ id: '01795478400000-…', actorKind: 'user', actorId: 'u-1', method: 'PUT', route: '/admin/v1/connections/:id', resourceId: 'online-shop', outcome: 'done', at: '2026-11-24T08:00:00.000Z' }], nextCursor: null },
  })
  list(@CallerOf() { workspaceId }: Caller, @Query({ schema: pageQuerySchema }) query: PageQuery): Promise<Page<AuditView>> {
    return listConfigured<AuditContent, AuditView>(this.admin, { kind: 'auditLog', workspaceId, query, newestFirst: true }, ({ id, content }) => ({ id, ...content, at: new Date(content.at).toISOString() }));
  }
}
