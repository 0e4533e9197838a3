import { Controller, Inject, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { AuditVerdict } from '@firsthand/pipeline';
import type { Response } from 'express';
import { z } from 'zod';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { pageOf, type Page } from '../http/page.js';
import { Route } from '../http/route.js';
import {
  auditExportQuerySchema, auditQuerySchema, auditRowSchema, auditVerdictSchema, auditVerifyQuerySchema, exportAuditLog, listAuditLog, verifyAuditLog,
  type AuditExportQuery, type AuditLogQuery, type AuditVerifyQuery, type AuditView,
} from './audit-log.js';

const example: AuditView = {
  id: '1042', callId: '0b7c…', actorKind: 'user', actorId: 'u-1', method: 'PUT', route: '/admin/v1/connections/:id', resourceId: 'online-shop', outcome: 'done', at: '2026-11-24T08:00:00.000Z', purpose: null, reason: null, reference: null,
  fields: [], chainHash: 'f2ca1bb6…',
};

@ApiTags('Audit log')
@Controller('admin/v1/audit-log')
export class AuditLogController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({
    method: 'GET', summary: 'Who changed what, and who looked at customers, newest first', description: 'Two rows for each call, with the same `callId`: one written ahead, one of how it ended.', requires: ['read', 'auditLog'], gives: pageOf(auditRowSchema),
    example: { items: [example], nextCursor: null },
  })
  list(@CallerOf() caller: Caller, @Query({ schema: auditQuerySchema }) query: AuditLogQuery): Promise<Page<AuditView>> {
    return listAuditLog(this.admin, caller, query);
  }

  @Route({
    method: 'GET', path: 'export', summary: 'The audit log as a file', description: 'NDJSON or CSV, oldest first, streamed.', requires: ['read', 'auditLog'], isAudited: true, produces: 'application/x-ndjson', gives: z.string(), example: `${JSON.stringify(example)}\n`,
  })
  export(@CallerOf() caller: Caller, @Query({ schema: auditExportQuerySchema }) query: AuditExportQuery, @Res() response: Response): Promise<void> {
    return exportAuditLog(this.admin, caller, query, response);
  }

  @Route({
    method: 'GET', path: 'verify', summary: 'Whether the audit log is what was written', description: 'Names the first row that was edited, deleted or moved. A tail that was cut off shows only against an anchor.', requires: ['read', 'auditLog'], isResult: true,
    gives: auditVerdictSchema, example: { verified: 1042, head: { seq: 1042, hash: 'f2ca1bb6…' }, firstBad: null },
  })
  verify(@CallerOf() caller: Caller, @Query({ schema: auditVerifyQuerySchema }) query: AuditVerifyQuery): Promise<AuditVerdict> {
    return verifyAuditLog(this.admin, caller, query);
  }
}
