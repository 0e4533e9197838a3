import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { idSchema } from '../http/id-schema.js';
import { IfMatch, OptionalIfMatch } from '../http/if-match.js';
import { pageOf, pageQuerySchema, type Page, type PageQuery } from '../http/page.js';
import { Route } from '../http/route.js';
import { flowEffects } from './flow-effects.js';
import { dryRunFlow } from './dry-run-flow.js';
import { dryRunResultSchema, dryRunSchema, FLOW_EXAMPLE as example, flowChangeSchema, flowSchema, newFlowSchema, type DryRunBody, type DryRunResult, type FlowChange, type FlowView, type NewFlow } from './flow-bodies.js';
import { rollBackSchema, type RollBack } from './flow-run-bodies.js';
import { changeFlow, createFlow, deleteFlow, getFlow, listFlows, publishFlow, rollBackFlow, setFlowStatus } from './flows.js';

@ApiTags('Flows')
@Controller('admin/v1/flows')
export class FlowsController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({ method: 'GET', summary: 'Lists the flows', requires: ['read', 'flow'], gives: pageOf(flowSchema), example: { items: [example], nextCursor: null } })
  list(@CallerOf() caller: Caller, @Query({ schema: pageQuerySchema }) query: PageQuery): Promise<Page<FlowView>> {
    return listFlows(this.admin, caller, query);
  }

  @Route({ method: 'POST', summary: 'Makes a flow', description: 'It begins as a draft; `problems` says what keeps it from being published.', requires: ['create', 'flow'], status: 201, gives: flowSchema, errors: ['INVALID_FLOW', 'CONFLICT'], example })
  create(@CallerOf() caller: Caller, @Body({ schema: newFlowSchema }) flow: NewFlow): Promise<FlowView> {
    return createFlow(this.admin, caller, flow);
  }

  @Route({ method: 'GET', path: ':id', summary: 'One flow with all its versions', requires: ['read', 'flow'], gives: flowSchema, errors: ['NOT_FOUND'], example })
  get(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string): Promise<FlowView> {
    return getFlow(this.admin, caller, id);
  }

  @Route({ method: 'PUT', path: ':id', summary: 'Replaces the draft of a flow', requires: ['update', 'flow'], isUpdate: true, gives: flowSchema, errors: ['INVALID_FLOW'], example })
  update(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @IfMatch() ifMatch: number, @Body({ schema: flowChangeSchema }) { flow }: FlowChange): Promise<FlowView> {
    return changeFlow(this.admin, caller, id, ifMatch, flow);
  }

  @Route({ method: 'DELETE', path: ':id', summary: 'Deletes a flow that was never published', requires: ['delete', 'flow'], isUpdate: true, dryRun: flowEffects, errors: ['CONFLICT'] })
  delete(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @IfMatch() ifMatch: number): Promise<void> {
    return deleteFlow(this.admin, caller, id, ifMatch);
  }

  @Route({ method: 'POST', path: ':id/publish', summary: 'Publishes the draft', description: 'As a version that never changes; it starts runs from now on, of a flow that is paused from the resume on.', requires: ['operate', 'flow'], dryRun: flowEffects, gives: flowSchema, errors: ['NOT_FOUND', 'INVALID_FLOW'], example: { ...example, version: 2, status: 'live', liveVersion: 1 } })
  publish(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @OptionalIfMatch() ifMatch: number | undefined): Promise<FlowView> {
    return publishFlow(this.admin, caller, id, ifMatch);
  }

  @Route({ method: 'POST', path: ':id/pause', summary: 'Stops a flow', description: 'It starts no more runs and sends nothing: its runs stay where they are, of every version, and its deliveries wait (`flow-paused`), until it is resumed. Who leaves its segment, or takes back their consent, is still taken out of its audiences.', requires: ['operate', 'flow'], dryRun: flowEffects, gives: flowSchema, errors: ['NOT_FOUND', 'CONFLICT'], example: { ...example, status: 'paused', liveVersion: 1 } })
  pause(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @OptionalIfMatch() ifMatch: number | undefined): Promise<FlowView> {
    return setFlowStatus(this.admin, caller, id, ifMatch, 'paused');
  }

  @Route({ method: 'POST', path: ':id/resume', summary: 'Lets a paused flow go on', description: 'It starts runs again, and those that waited go on: what has come meanwhile is asked for, then what is past due goes on, with windows, quiet hours, caps and consent as they are by then.', requires: ['operate', 'flow'], dryRun: flowEffects, gives: flowSchema, errors: ['NOT_FOUND', 'CONFLICT'], example: { ...example, status: 'live', liveVersion: 1 } })
  resume(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @OptionalIfMatch() ifMatch: number | undefined): Promise<FlowView> {
    return setFlowStatus(this.admin, caller, id, ifMatch, 'live');
  }

  @Route({ method: 'POST', path: ':id/rollback', summary: 'Makes an earlier version live again', description: 'Runs of other versions finish on theirs; `move-runs` moves them.', requires: ['operate', 'flow'], dryRun: flowEffects, gives: flowSchema, errors: ['NOT_FOUND', 'INVALID_FLOW'], example: { ...example, version: 4, status: 'live', liveVersion: 1 } })
  rollBack(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @OptionalIfMatch() ifMatch: number | undefined, @Body({ schema: rollBackSchema }) { version }: RollBack): Promise<FlowView> {
    return rollBackFlow(this.admin, caller, id, ifMatch, version);
  }

  @Route({
    method: 'POST', path: ':id/dry-run', summary: 'Says what each step would do for a person, and why', description: 'With the consent decision of each delivery. Nothing is stored or sent.', requires: ['operate', 'flow'],
    gives: dryRunResultSchema, errors: ['NOT_FOUND', 'INVALID_FLOW'],
    example: {
      startsOnTrigger: true, outcome: 'ended',
      steps: [{ stepId: 'to-crm', outcome: 'planned', reason: 'deliver', until: null, delivery: { connectionId: 'crm', action: 'upsert-contact', purpose: 'marketing', recipient: 'processor', wouldSend: false, reason: 'no-consent', recordId: null, fields: [], payload: null } }],
    },
  })
  dryRun(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @Body({ schema: dryRunSchema }) body: DryRunBody): Promise<DryRunResult> {
    return dryRunFlow(this.admin, caller, id, body);
  }
}
