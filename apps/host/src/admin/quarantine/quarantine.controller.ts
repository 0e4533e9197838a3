import { Controller, Inject, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { idSchema } from '../http/id-schema.js';
import { pageOf, type Page } from '../http/page.js';
import { Route } from '../http/route.js';
import { getQuarantined, listQuarantine, quarantineQuerySchema, quarantineSchema, quarantineWithRawSchema, type QuarantineQuery, type QuarantineView } from './quarantine.js';

const example: QuarantineView = {
  id: 'q5hW…', connectionId: 'online-shop', code: 'MISSING_IDENTITY', places: [{ path: '/identities', message: 'No identity is left that names somebody.' }], mappingVersion: 0,
  receivedAt: '2026-11-24T08:00:00.000Z', quarantinedAt: '2026-11-24T08:00:01.000Z',
};

@ApiTags('Quarantine')
@Controller('admin/v1/quarantine')
export class QuarantineController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({ method: 'GET', summary: 'Lists the records that could not be used', requires: ['read', 'quarantine'], keepsToReach: true, gives: pageOf(quarantineSchema), example: { items: [example], nextCursor: null } })
  list(@CallerOf() caller: Caller, @Query({ schema: quarantineQuerySchema }) query: QuarantineQuery): Promise<Page<QuarantineView>> {
    return listQuarantine(this.admin, caller, query);
  }

  @Route({
    method: 'GET', path: ':id', summary: 'One quarantined record', requires: ['read', 'quarantine'], keepsToReach: true, isAudited: true, gives: quarantineWithRawSchema, errors: ['NOT_FOUND'],
    example: { ...example, raw: { type: 'track', event: 'Order Completed' } },
  })
  get(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string): Promise<QuarantineView & { raw: unknown }> {
    return getQuarantined(this.admin, caller, id);
  }
}
