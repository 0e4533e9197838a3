import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { idSchema } from '../http/id-schema.js';
import { pageOf, type Page } from '../http/page.js';
import { Route } from '../http/route.js';
import { confirmRemoval, confirmRemovalSchema, type ConfirmRemoval } from './confirm-by-hand.js';
import { REMOVAL_EXAMPLE, removalSchema, type RemovalView } from './removal-view.js';
import { listOpenRemovals, removalQuerySchema, type RemovalQuery } from './removals.js';

@ApiTags('Deliveries')
@Controller('admin/v1/removals')
export class RemovalsController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({
    method: 'GET', summary: 'What recipients were told to forget and have not confirmed, the oldest first',
    description: 'After people withdrew: waiting, on its way, given up, or of a kind that the recipient cannot do. What is confirmed, or of no need any more, is not here; a page may hold fewer than asked for. `GET /admin/v1/profiles/:id/removals` tells all of one person.',
    requires: ['read', 'delivery'], keepsToReach: true, isAudited: true, gives: pageOf(removalSchema), example: { items: [REMOVAL_EXAMPLE], nextCursor: null },
  })
  list(@CallerOf() caller: Caller, @Query({ schema: removalQuerySchema }) query: RemovalQuery): Promise<Page<RemovalView>> {
    return listOpenRemovals(this.admin, caller, query);
  }

  @Route({
    method: 'POST', path: ':id/confirm', summary: 'Notes that a recipient has removed what no machine could take back', description: 'Of a list that left as a file (`manual`), and of what ended as `failed` or `cannot-remove`: you have asked the recipient, and were told that it is done. Who, when and the note stay with it.',
    requires: ['operate', 'privacyRequest'], status: 200, isResult: true, gives: removalSchema, errors: ['NOT_FOUND', 'CONFLICT'],
    example: { ...REMOVAL_EXAMPLE, action: 'list-export', status: 'confirmed', reason: 'confirmed-by-hand', isLate: false, attempts: 0, sentAt: null, nextTryAt: null, confirmedAt: '2026-11-24T09:00:00.000Z', byHand: { at: '2026-11-24T09:00:00.000Z', by: 'u-1', note: 'Partner support confirmed by ticket 4711.' } },
  })
  confirm(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @Body({ schema: confirmRemovalSchema }) body: ConfirmRemoval): Promise<RemovalView> {
    return confirmRemoval(this.admin, caller, id, body);
  }
}
