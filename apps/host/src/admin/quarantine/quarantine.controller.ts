import { Body, Controller, Inject, Param, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { z } from 'zod';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { idSchema } from '../http/id-schema.js';
import { IfMatch } from '../http/if-match.js';
import { pageOf, type Page } from '../http/page.js';
import { Route } from '../http/route.js';
import { dryRunRelease, releaseDryRunBodySchema, releaseDryRunSchema, type ReleaseDryRun, type ReleaseDryRunBody } from './dry-run-release.js';
import { editQuarantined, valuesBodySchema, type ValuesBody } from './edit-quarantined.js';
import { exportQuarantine, quarantineExportBodySchema, type QuarantineExportBody } from './export-quarantine.js';
import { listGroups, quarantineGroupQuerySchema, quarantineGroupSchema, type QuarantineGroupQuery, type QuarantineGroupView } from './quarantine-groups.js';
import { getQuarantined, listQuarantine, quarantineQuerySchema, quarantineSchema, quarantineWithRawSchema, type QuarantineQuery, type QuarantineView, type QuarantineViewWithRaw } from './quarantine.js';

const cause = { connectionId: 'till', code: 'MISSING_IDENTITY', places: [{ path: '/identities', message: 'No identity is left that names somebody.' }], mappingVersion: 0, rule: null, planVersion: null };
const example: QuarantineView = { id: 'q5hW…', version: 1, groupId: 'till.MISSING_IDENTITY.q5hWc1…', ...cause, receivedAt: '2026-11-24T08:00:00.000Z', quarantinedAt: '2026-11-24T08:00:01.000Z' };
const whole: QuarantineViewWithRaw = { ...example, raw: { id: 7101, customer: { mail: 'ana@example.com' } }, original: null, edits: [] };
const group: QuarantineGroupView = {
  id: 'till.MISSING_IDENTITY.q5hWc1…', ...cause, count: 1_204, firstReceivedAt: '2026-11-23T08:00:00.000Z', lastReceivedAt: '2026-11-24T08:00:00.000Z', samples: [{ id: 'q5hW…', receivedAt: '2026-11-24T08:00:00.000Z', raw: whole.raw }],
};

@ApiTags('Quarantine')
@Controller('admin/v1/quarantine')
export class QuarantineController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({
    method: 'GET', summary: 'Lists the records that could not be used, in the order of receipt', requires: ['read', 'quarantine'], keepsToReach: true, gives: pageOf(quarantineSchema), example: { items: [example], nextCursor: null },
  })
  list(@CallerOf() caller: Caller, @Query({ schema: quarantineQuerySchema }) query: QuarantineQuery): Promise<Page<QuarantineView>> {
    return listQuarantine(this.admin, caller, query);
  }

  @Route({
    method: 'GET', path: 'groups', summary: 'The records that could not be used, by their cause', requires: ['read', 'quarantine'], keepsToReach: true, isAudited: true, gives: pageOf(quarantineGroupSchema), example: { items: [group], nextCursor: null },
    description: 'A group has one connection, code, place and version of the mapping. Ordered by connection and code.',
  })
  groups(@CallerOf() caller: Caller, @Query({ schema: quarantineGroupQuerySchema }) query: QuarantineGroupQuery): Promise<Page<QuarantineGroupView>> {
    return listGroups(this.admin, caller, query);
  }

  @Route({
    method: 'POST', path: 'dry-runs', summary: 'Says what a release would do now', status: 200, requires: ['operate', 'quarantine'], keepsToReach: true, isResult: true, gives: releaseDryRunSchema, errors: ['CONFLICT'],
    description: 'The records are mapped, judged and applied by the configuration and the consents of this moment, and all of it is rolled back: nothing is stored, sent or started.',
    example: { records: 500, counts: { applied: 480, duplicate: 3, 'refused.consent-denied': 5, 'quarantined.INVALID_RECORD': 12 }, nextCursor: 'MTc5NTUwNz…' },
  })
  dryRun(@CallerOf() caller: Caller, @Body({ schema: releaseDryRunBodySchema }) body: ReleaseDryRunBody): Promise<ReleaseDryRun> {
    return dryRunRelease(this.admin, caller, body);
  }

  @Route({
    method: 'POST', path: 'exports', summary: 'Records that could not be used as a file', status: 200, requires: ['read', 'quarantine'], isAudited: true, gives: z.string(), produces: 'application/x-ndjson',
    description: 'JSON lines, streamed, in the order of receipt: each record as it is and as it came. Only for who may see customers in full.', example: `${JSON.stringify(whole)}\n`,
  })
  export(@CallerOf() caller: Caller, @Body({ schema: quarantineExportBodySchema }) body: QuarantineExportBody, @Res() response: Response): Promise<void> {
    return exportQuarantine(this.admin, caller, body, response);
  }

  @Route({
    method: 'GET', path: ':id', summary: 'One quarantined record', requires: ['read', 'quarantine'], keepsToReach: true, isAudited: true, gives: quarantineWithRawSchema, errors: ['NOT_FOUND'], example: whole,
  })
  get(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string): Promise<QuarantineViewWithRaw> {
    return getQuarantined(this.admin, caller, id);
  }

  @Route({
    method: 'PUT', path: ':id/values', summary: 'Changes values of a quarantined record', requires: ['update', 'quarantine'], keepsToReach: true, isUpdate: true, gives: quarantineWithRawSchema, errors: ['PAYLOAD_TOO_COMPLEX', 'PAYLOAD_TOO_LARGE'],
    description: 'What stood there before is kept, with who changed it and when. The record is the same one still: it takes effect when it is released.',
    example: { ...whole, version: 2, raw: { id: 7101, customer: { email: 'ana@example.com' } }, original: whole.raw, edits: [{ at: '2026-11-24T09:00:00.000Z', by: { kind: 'user', id: 'u-1' }, changes: [{ path: '/customer/mail', old: 'ana@example.com' }, { path: '/customer/email', new: 'ana@example.com' }] }] },
  })
  edit(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @IfMatch() ifMatch: number, @Body({ schema: valuesBodySchema }) body: ValuesBody): Promise<QuarantineViewWithRaw> {
    return editQuarantined(this.admin, caller, id, ifMatch, body);
  }
}
