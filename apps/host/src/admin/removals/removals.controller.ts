import { Controller, Inject, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { pageOf, type Page } from '../http/page.js';
import { Route } from '../http/route.js';
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
}
