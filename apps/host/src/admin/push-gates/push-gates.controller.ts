import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { idSchema } from '../http/id-schema.js';
import { pageOf, type Page } from '../http/page.js';
import { Route } from '../http/route.js';
import { approvePushSchema, PUSH_GATE_EXAMPLE, pushGateDetailSchema, pushGateQuerySchema, pushGateSchema, type ApprovePush, type PushGateDetail, type PushGateQuery, type PushGateView } from './push-gate-view.js';
import { approvePush, getPushGate, listPushGates, rejectPush } from './push-gates.js';

const { sample: _sample, ...example } = PUSH_GATE_EXAMPLE;

@ApiTags('Segments')
@Controller('admin/v1/push-gates')
export class PushGatesController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({
    method: 'GET', summary: 'The gates between segments and destinations', description: 'A segment that moves beyond its `pushLimits` stops here, before anything of it goes out. What a withdrawal or an erasure asks for is never held.',
    requires: ['read', 'push'], gives: pageOf(pushGateSchema), example: { items: [example], nextCursor: null },
  })
  list(@CallerOf() caller: Caller, @Query({ schema: pushGateQuerySchema }) query: PushGateQuery): Promise<Page<PushGateView>> {
    return listPushGates(this.admin, caller, query);
  }

  @Route({ method: 'GET', path: ':connectionId/:segmentId', summary: 'One gate, with some of those who wait at it', requires: ['read', 'push'], isAudited: true, gives: pushGateDetailSchema, errors: ['NOT_FOUND'], example: PUSH_GATE_EXAMPLE })
  get(@CallerOf() caller: Caller, @Param('connectionId', { schema: idSchema }) connectionId: string, @Param('segmentId', { schema: idSchema }) segmentId: string): Promise<PushGateDetail> {
    return getPushGate(this.admin, caller, connectionId, segmentId);
  }

  @Route({
    method: 'POST', path: ':connectionId/:segmentId/approve', summary: 'Lets a held push go', description: 'For the figures that you saw: the segment is looked at once more, and where it has moved further beyond its limits it is held again. The approval stands for the hours of its limits.',
    requires: ['operate', 'push'], status: 200, gives: pushGateSchema, errors: ['NOT_FOUND', 'PUSH_NOT_HELD', 'PUSH_MOVED'], example: { ...example, state: 'asked', decision: { as: 'approved', by: 'u-1', at: '2026-11-24T09:10:00.000Z' } },
  })
  approve(@CallerOf() caller: Caller, @Param('connectionId', { schema: idSchema }) connectionId: string, @Param('segmentId', { schema: idSchema }) segmentId: string, @Body({ schema: approvePushSchema }) body: ApprovePush): Promise<PushGateView> {
    return approvePush(this.admin, caller, connectionId, segmentId, body);
  }

  @Route({
    method: 'POST', path: ':connectionId/:segmentId/reject', summary: 'Gives up what waits of a held push', description: 'Those deliveries end as `cancelled` (`push-rejected`). The gate stays shut until the segment is within its limits again, or is approved.',
    requires: ['operate', 'push'], status: 200, gives: pushGateSchema, errors: ['NOT_FOUND', 'PUSH_NOT_HELD'], example: { ...example, decision: { as: 'rejected', by: 'u-1', at: '2026-11-24T09:10:00.000Z' } },
  })
  reject(@CallerOf() caller: Caller, @Param('connectionId', { schema: idSchema }) connectionId: string, @Param('segmentId', { schema: idSchema }) segmentId: string): Promise<PushGateView> {
    return rejectPush(this.admin, caller, connectionId, segmentId);
  }
}
