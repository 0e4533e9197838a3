import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { idSchema } from '../http/id-schema.js';
import { pageOf, type Page } from '../http/page.js';
import { Route } from '../http/route.js';
import { deliveryQuerySchema, getDelivery, listDeliveries, type DeliveryQuery } from './deliveries.js';
import { DELIVERY_EXAMPLE as example, deliverySchema, deliveryWithEvidenceSchema, type DeliveryView, type DeliveryWithEvidence } from './delivery-view.js';
import { explainDelivery } from './explain-delivery.js';
import { EXPLANATION_EXAMPLE, explanationSchema, type Explanation } from './explain-schema.js';
import { replayDeliveries, replayedSchema, replaySchema, type Replayed, type ReplayBody } from './replay-deliveries.js';

@ApiTags('Deliveries')
@Controller('admin/v1/deliveries')
export class DeliveriesController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({ method: 'GET', summary: 'Lists deliveries, newest first', requires: ['read', 'delivery'], keepsToReach: true, isAudited: true, gives: pageOf(deliverySchema), example: { items: [example], nextCursor: null } })
  list(@CallerOf() caller: Caller, @Query({ schema: deliveryQuerySchema }) query: DeliveryQuery): Promise<Page<DeliveryView>> {
    return listDeliveries(this.admin, caller, query);
  }

  @Route({
    method: 'POST', path: 'replay', summary: 'Takes dead or blocked deliveries up again', description: 'By ids, or by destination, flow, step, reason and time; about 500 at a time, at the pace that you ask for. Each is decided anew: what consent blocks stays blocked.', requires: ['operate', 'delivery'], isResult: true, keepsToReach: true, dryRun: (_admin, _caller, { answer }) => [{ effect: 'deliveries-replayed', count: (answer as Replayed).replayed }],
    gives: replayedSchema, errors: ['CONFLICT'], example: { replayed: 12, hasMore: false, nextCursor: null, lastDueAt: '2026-11-24T08:00:00.550Z' },
  })
  replay(@CallerOf() caller: Caller, @Body({ schema: replaySchema }) body: ReplayBody): Promise<Replayed> {
    return replayDeliveries(this.admin, caller, body);
  }

  @Route({
    method: 'GET', path: ':id', summary: 'One delivery with its evidence', description: 'Which consent record allowed or blocked each try, what was sent, and its place in the chain.', requires: ['read', 'delivery'], keepsToReach: true, isAudited: true,
    gives: deliveryWithEvidenceSchema, errors: ['NOT_FOUND'], example: { ...example, exchange: null, evidence: [], outcomes: [] },
  })
  get(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string): Promise<DeliveryWithEvidence> {
    return getDelivery(this.admin, caller, id);
  }

  @Route({
    method: 'GET', path: ':id/explain', summary: 'Why a customer got this, or did not',
    description: 'In one answer: the event as it came, how it was mapped and judged, how the person was found, segment and flow, what consent said at each attempt and says now, the request and its answer, and the evidence with its place in the chain. In every state.',
    requires: ['read', 'delivery'], keepsToReach: true, isAudited: true, gives: explanationSchema, errors: ['NOT_FOUND'], example: EXPLANATION_EXAMPLE,
  })
  explain(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string): Promise<Explanation> {
    return explainDelivery(this.admin, caller, id);
  }
}
