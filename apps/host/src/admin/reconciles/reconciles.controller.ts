import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { ReconcileSettings } from '@firsthand/domain';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { idSchema } from '../http/id-schema.js';
import { IfMatch } from '../http/if-match.js';
import { pageOf, pageQuerySchema, type Page, type PageQuery } from '../http/page.js';
import { Route } from '../http/route.js';
import { decideFindings, listFindings } from './findings.js';
import {
  decideBodySchema, decidedSchema, FINDING_EXAMPLE, findingQuerySchema, findingSchema, RECONCILE_EXAMPLE as example, reconcileBodySchema, reconcileSchema, type DecideBody, type FindingQuery, type FindingView, type ReconcileBody, type ReconcileView,
} from './reconcile-bodies.js';
import { getReconcileSettings, RECONCILE_SETTINGS_EXAMPLE, reconcileSettingsBodySchema, reconcileSettingsViewSchema, setReconcileSettings, type ReconcileSettingsView } from './reconcile-settings.js';
import { cancelReconcile, getReconcile, listReconciles, startReconcile } from './reconciles.js';

const settings: ReconcileSettingsView = { version: 2, ...RECONCILE_SETTINGS_EXAMPLE };

@ApiTags('Sync rules')
@Controller('admin/v1')
export class ReconcilesController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({
    method: 'POST', path: 'sync-rules/:id/reconciles', summary: 'Compares what a rule’s system holds with what we hold', status: 202, requires: ['operate', 'reconcile'], gives: reconcileSchema, errors: ['NOT_FOUND', 'CANNOT_LIST_RECORDS', 'CONFLICT'],
    description: 'A worker reads the system’s list page by page, within the connection’s rate limit, and then goes through everybody: who is missing there, who is there and should not be, and which fields differ, each with its reason. A restart goes on where it stood. Nothing is written that consent does not allow at that moment.',
    example: { ...example, state: 'running', step: 'theirs', nextAt: example.startedAt, endedAt: null },
  })
  start(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @Body({ schema: reconcileBodySchema }) body: ReconcileBody): Promise<ReconcileView> {
    return startReconcile(this.admin, caller, id, body);
  }

  @Route({ method: 'GET', path: 'sync-rules/:id/reconciles', summary: 'The reconciles of a rule, newest first', description: 'They are kept for 90 days.', requires: ['read', 'reconcile'], gives: pageOf(reconcileSchema), errors: ['NOT_FOUND'], example: { items: [example], nextCursor: null } })
  list(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @Query({ schema: pageQuerySchema }) query: PageQuery): Promise<Page<ReconcileView>> {
    return listReconciles(this.admin, caller, id, query);
  }

  @Route({ method: 'GET', path: 'sync-rules/:id/reconciles/:reconcileId', summary: 'How far a reconcile is, and what it came to', requires: ['read', 'reconcile'], gives: reconcileSchema, errors: ['NOT_FOUND'], example })
  get(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @Param('reconcileId', { schema: idSchema }) reconcileId: string): Promise<ReconcileView> {
    return getReconcile(this.admin, caller, id, reconcileId);
  }

  @Route({
    method: 'POST', path: 'sync-rules/:id/reconciles/:reconcileId/cancel', summary: 'Ends a reconcile where it stands', status: 200, requires: ['operate', 'reconcile'], gives: reconcileSchema, errors: ['NOT_FOUND', 'CONFLICT'],
    description: 'What was repaired stays so.', example: { ...example, state: 'cancelled' },
  })
  cancel(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @Param('reconcileId', { schema: idSchema }) reconcileId: string): Promise<ReconcileView> {
    return cancelReconcile(this.admin, caller, id, reconcileId);
  }

  @Route({
    method: 'GET', path: 'sync-rules/:id/reconciles/:reconcileId/findings', summary: 'What a reconcile found, each with its reason', requires: ['read', 'reconcile'], isAudited: true, gives: pageOf(findingSchema), errors: ['NOT_FOUND'],
    description: 'Findings hold no values: what we hold is read from the profile now, masked by your role.', example: { items: [FINDING_EXAMPLE], nextCursor: null },
  })
  findings(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @Param('reconcileId', { schema: idSchema }) reconcileId: string, @Query({ schema: findingQuerySchema }) query: FindingQuery): Promise<Page<FindingView>> {
    return listFindings(this.admin, caller, id, reconcileId, query);
  }

  @Route({
    method: 'POST', path: 'sync-rules/:id/reconciles/:reconcileId/findings/decide', summary: 'Decides on findings that wait', status: 202, requires: ['operate', 'reconcile'], isResult: true, gives: decidedSchema, errors: ['NOT_FOUND', 'CONFLICT'],
    description: 'Of a reconcile with `ask`. Some by their ids, or all alike; the reconcile goes on and has them repaired. Whoever refused or was erased is taken out there whichever side is taken.', example: { decided: 11 },
  })
  decide(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @Param('reconcileId', { schema: idSchema }) reconcileId: string, @Body({ schema: decideBodySchema }) body: DecideBody): Promise<{ decided: number }> {
    return decideFindings(this.admin, caller, id, reconcileId, body);
  }

  @Route({ method: 'GET', path: 'reconcile-settings', summary: 'When sync rules are compared with their systems by themselves', requires: ['read', 'reconcile'], gives: reconcileSettingsViewSchema, example: settings })
  getSettings(@CallerOf() caller: Caller): Promise<ReconcileSettingsView> {
    return getReconcileSettings(this.admin, caller);
  }

  @Route({
    method: 'PUT', path: 'reconcile-settings', summary: 'Sets when sync rules are compared with their systems by themselves', description: 'Each night at a time of day, one rule of a connection after the other. It begins with the next night; one that was missed is made up for.',
    requires: ['update', 'reconcile'], isUpdate: true, gives: reconcileSettingsViewSchema, example: settings,
  })
  setSettings(@CallerOf() caller: Caller, @IfMatch() ifMatch: number, @Body({ schema: reconcileSettingsBodySchema }) body: ReconcileSettings): Promise<ReconcileSettingsView> {
    return setReconcileSettings(this.admin, caller, ifMatch, body);
  }
}
