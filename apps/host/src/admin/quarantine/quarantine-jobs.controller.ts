import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { idSchema } from '../http/id-schema.js';
import { pageOf, pageQuerySchema, type Page, type PageQuery } from '../http/page.js';
import { Route } from '../http/route.js';
import {
  cancelQuarantineJob, discardBodySchema, discardQuarantined, getQuarantineJob, listQuarantineJobs, quarantineJobSchema, releaseBodySchema, releaseQuarantined, type DiscardBody, type QuarantineJobView, type ReleaseBody,
} from './quarantine-jobs.js';

const example: QuarantineJobView = {
  id: 'j7Lm…', kind: 'release', state: 'done', selection: { groupId: 'till.MISSING_IDENTITY.q5hWc1…' }, startsFlows: false, reason: null, perSecond: 50, by: { kind: 'user', id: 'u-1' },
  startedAt: '2026-11-24T09:00:00.000Z', endedAt: '2026-11-24T09:00:24.000Z', counts: { applied: 1_180, duplicate: 4, 'refused.consent-denied': 8, 'quarantined.INVALID_RECORD': 12 },
};

@ApiTags('Quarantine')
@Controller('admin/v1/quarantine')
export class QuarantineJobsController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({
    method: 'POST', path: 'releases', summary: 'Releases quarantined records', status: 202, requires: ['operate', 'quarantine'], keepsToReach: true, isResult: true, gives: quarantineJobSchema, example: { ...example, state: 'running', endedAt: null, counts: {} },
    description: 'Workers map, judge and apply them by the configuration and the consents of that moment, in the order of receipt, each once whoever asks how often. The balance moves them under the minute of their receipt. What still cannot be used goes back with its new cause.',
  })
  release(@CallerOf() caller: Caller, @Body({ schema: releaseBodySchema }) body: ReleaseBody): Promise<QuarantineJobView> {
    return releaseQuarantined(this.admin, caller, body);
  }

  @Route({
    method: 'POST', path: 'discards', summary: 'Throws quarantined records away', status: 202, requires: ['delete', 'quarantine'], keepsToReach: true, isResult: true, gives: quarantineJobSchema,
    description: 'For good. The balance counts them as `discarded`.', example: { ...example, kind: 'discard', reason: 'test-data', perSecond: null, counts: { discarded: 1_204 } },
  })
  discard(@CallerOf() caller: Caller, @Body({ schema: discardBodySchema }) body: DiscardBody): Promise<QuarantineJobView> {
    return discardQuarantined(this.admin, caller, body);
  }

  @Route({
    method: 'GET', path: 'jobs', summary: 'Releases and discards, newest first', requires: ['read', 'quarantine'], keepsToReach: true, isResult: true, gives: pageOf(quarantineJobSchema), example: { items: [example], nextCursor: null },
  })
  list(@CallerOf() caller: Caller, @Query({ schema: pageQuerySchema }) query: PageQuery): Promise<Page<QuarantineJobView>> {
    return listQuarantineJobs(this.admin, caller, query);
  }

  @Route({ method: 'GET', path: 'jobs/:id', summary: 'How far a release or a discard is', requires: ['read', 'quarantine'], keepsToReach: true, isResult: true, gives: quarantineJobSchema, errors: ['NOT_FOUND'], example })
  get(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string): Promise<QuarantineJobView> {
    return getQuarantineJob(this.admin, caller, id);
  }

  @Route({
    method: 'POST', path: 'jobs/:id/cancel', summary: 'Ends a release or a discard where it stands', status: 200, requires: ['operate', 'quarantine'], keepsToReach: true, isResult: true, gives: quarantineJobSchema, errors: ['NOT_FOUND', 'CONFLICT'],
    description: 'What was released or thrown away stays so; the rest stays in quarantine.', example: { ...example, state: 'cancelled' },
  })
  cancel(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string): Promise<QuarantineJobView> {
    return cancelQuarantineJob(this.admin, caller, id);
  }
}
