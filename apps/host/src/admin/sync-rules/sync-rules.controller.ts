import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { idSchema } from '../http/id-schema.js';
import { IfMatch, OptionalIfMatch } from '../http/if-match.js';
import { pageOf, pageQuerySchema, type Page, type PageQuery } from '../http/page.js';
import { Route } from '../http/route.js';
import {
  newSyncRuleSchema, SYNC_RULE_EXAMPLE as example, SYNC_RULE_STATUS_EXAMPLE, syncRuleChangeSchema, syncRuleSchema, syncRuleStatusQuerySchema, syncRuleStatusSchema,
  type NewSyncRule, type SyncRuleChange, type SyncRuleStatus, type SyncRuleStatusQuery, type SyncRuleView,
} from './sync-rule-bodies.js';
import { listStopped, releasedSchema, releaseStopped, releaseStoppedSchema, STOPPED_SYNC_EXAMPLE, stoppedSyncSchema, type Released, type ReleaseStopped, type StoppedSyncView } from './stopped-syncs.js';
import { syncRuleEffects } from './sync-rule-effects.js';
import { readSyncRuleStatus } from './sync-rule-status.js';
import { changeSyncRule, createSyncRule, deleteSyncRule, enableSyncRule, getSyncRule, listSyncRules, pauseSyncRule } from './sync-rules.js';

@ApiTags('Sync rules')
@Controller('admin/v1/sync-rules')
export class SyncRulesController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({ method: 'GET', summary: 'Lists the rules that keep other systems equal', requires: ['read', 'syncRule'], gives: pageOf(syncRuleSchema), example: { items: [example], nextCursor: null } })
  list(@CallerOf() caller: Caller, @Query({ schema: pageQuerySchema }) query: PageQuery): Promise<Page<SyncRuleView>> {
    return listSyncRules(this.admin, caller, query);
  }

  @Route({
    method: 'POST', summary: 'Keeps a system equal in some fields and memberships', description: 'The host makes flows of it. Enabled, it goes through everybody once, in the background, and writes what the system lacks; from then on each change.',
    isOneMoment: true, requires: ['create', 'syncRule'], status: 201, dryRun: syncRuleEffects, gives: syncRuleSchema, errors: ['INVALID_SYNC_RULE', 'CONFLICT'], example,
  })
  create(@CallerOf() caller: Caller, @Body({ schema: newSyncRuleSchema }) rule: NewSyncRule): Promise<SyncRuleView> {
    return createSyncRule(this.admin, caller, rule);
  }

  @Route({ method: 'GET', path: ':id', summary: 'One rule', requires: ['read', 'syncRule'], gives: syncRuleSchema, errors: ['NOT_FOUND'], example })
  get(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string): Promise<SyncRuleView> {
    return getSyncRule(this.admin, caller, id);
  }

  @Route({
    method: 'PUT', path: ':id', summary: 'Replaces what a rule says', description: 'At once, also for what is on its way. Everybody is gone through again where it writes something else now, or of others.', isOneMoment: true, requires: ['update', 'syncRule'],
    isUpdate: true, dryRun: syncRuleEffects, gives: syncRuleSchema, errors: ['INVALID_SYNC_RULE'], example: { ...example, version: 2 },
  })
  update(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @IfMatch() ifMatch: number, @Body({ schema: syncRuleChangeSchema }) { rule }: SyncRuleChange): Promise<SyncRuleView> {
    return changeSyncRule(this.admin, caller, id, ifMatch, rule);
  }

  @Route({ method: 'DELETE', path: ':id', summary: 'Deletes a rule', description: 'What waits of it is not sent any more; what the system has stays there.', requires: ['delete', 'syncRule'], isUpdate: true, dryRun: syncRuleEffects })
  delete(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @IfMatch() ifMatch: number): Promise<void> {
    return deleteSyncRule(this.admin, caller, id, ifMatch);
  }

  @Route({ method: 'POST', path: ':id/enable', summary: 'Lets a rule write', description: 'It goes through everybody once more: what has changed meanwhile is written.', isOneMoment: true, requires: ['operate', 'syncRule'], dryRun: syncRuleEffects, gives: syncRuleSchema, errors: ['NOT_FOUND', 'INVALID_SYNC_RULE'], example })
  enable(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @OptionalIfMatch() ifMatch: number | undefined): Promise<SyncRuleView> {
    return enableSyncRule(this.admin, caller, id, ifMatch);
  }

  @Route({ method: 'POST', path: ':id/pause', summary: 'Stops a rule', description: 'It starts no more writes; those on their way go on.', requires: ['operate', 'syncRule'], dryRun: syncRuleEffects, gives: syncRuleSchema, errors: ['NOT_FOUND'], example: { ...example, version: 2, isEnabled: false } })
  pause(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @OptionalIfMatch() ifMatch: number | undefined): Promise<SyncRuleView> {
    return pauseSyncRule(this.admin, caller, id, ifMatch);
  }

  @Route({
    method: 'GET', path: ':id/status', summary: 'What became of a rule’s writes, and how far it is with everybody', requires: ['read', 'syncRule'], isResult: true, gives: syncRuleStatusSchema, errors: ['NOT_FOUND'], example: SYNC_RULE_STATUS_EXAMPLE,
  })
  status(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @Query({ schema: syncRuleStatusQuerySchema }) query: SyncRuleStatusQuery): Promise<SyncRuleStatus> {
    return readSyncRuleStatus(this.admin, caller, id, query);
  }

  @Route({
    method: 'GET', path: ':id/stopped', summary: 'Fields of people that are not written any more', description: 'Their values went to and fro between the same two within an hour. A third value is written, and what you release.', requires: ['read', 'syncRule'],
    isAudited: true, isResult: true, gives: pageOf(stoppedSyncSchema), errors: ['NOT_FOUND'], example: { items: [STOPPED_SYNC_EXAMPLE], nextCursor: null },
  })
  stopped(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @Query({ schema: pageQuerySchema }) query: PageQuery): Promise<Page<StoppedSyncView>> {
    return listStopped(this.admin, caller, id, query);
  }

  @Route({
    method: 'POST', path: ':id/stopped/release', summary: 'Lets a stopped field be written again', description: 'And has the rule write it.', requires: ['operate', 'syncRule'], status: 200, isResult: true, gives: releasedSchema, errors: ['NOT_FOUND'], example: { wasStopped: true },
  })
  release(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @Body({ schema: releaseStoppedSchema }) body: ReleaseStopped): Promise<Released> {
    return releaseStopped(this.admin, caller, id, body);
  }
}
