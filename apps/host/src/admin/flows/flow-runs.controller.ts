import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { idSchema } from '../http/id-schema.js';
import { pageOf, type Page } from '../http/page.js';
import { Route } from '../http/route.js';
import {
  FLOW_RUN_EXAMPLE, flowCallResultSchema, flowCallSchema, flowRunSchema, flowRunsQuerySchema, movedRunsSchema, moveRunsSchema, stepCountsQuerySchema, stepCountsSchema,
  type FlowCallBody, type FlowCallResult, type FlowRunsQuery, type FlowRunView, type MovedRuns, type MoveRuns, type StepCountsView,
} from './flow-run-bodies.js';
import { callFlow, countSteps, listFlowRuns } from './flow-runs.js';
import { moveRuns } from './move-runs.js';

@ApiTags('Flows')
@Controller('admin/v1/flows/:id')
export class FlowRunsController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({
    method: 'GET', path: 'runs', summary: 'Where people are in a flow', description: 'Of one person, every run that waits or waited; else the runs that wait, by step. A run that never waits leaves no row.',
    requires: ['read', 'profile'], isAudited: true, gives: pageOf(flowRunSchema), errors: ['NOT_FOUND', 'INVALID_REQUEST'], example: { items: [FLOW_RUN_EXAMPLE], nextCursor: null },
  })
  runs(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @Query({ schema: flowRunsQuerySchema }) query: FlowRunsQuery): Promise<Page<FlowRunView>> {
    return listFlowRuns(this.admin, caller, id, query);
  }

  @Route({
    method: 'GET', path: 'steps', summary: 'Counts who came to each step, waits there, and left it by which outcome', requires: ['read', 'flow'], gives: stepCountsSchema, errors: ['NOT_FOUND'],
    example: { version: 1, ends: { goal: 12, exited: 3 }, steps: [{ stepId: 'wait', type: 'waitUntil', entered: 120, waiting: 30, left: { event: 50, 'timed-out': 40 } }] },
  })
  steps(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @Query({ schema: stepCountsQuerySchema }) { version }: { version?: number }): Promise<StepCountsView> {
    return countSteps(this.admin, caller, id, version);
  }

  @Route({
    method: 'POST', path: 'trigger', summary: 'Starts a live flow of trigger `api` for a person', description: 'The same idempotency key again starts nothing anew.', requires: ['operate', 'flow'], gives: flowCallResultSchema,
    errors: ['NOT_FOUND', 'CONFLICT'], example: { eventId: 'main|Zk3v', isRepeated: false },
  })
  trigger(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @Body({ schema: flowCallSchema }) body: FlowCallBody): Promise<FlowCallResult> {
    return callFlow(this.admin, caller, id, body);
  }

  @Route({
    method: 'POST', path: 'move-runs', summary: 'Moves waiting runs to another version', description: 'To the step of the same id and type. Runs at other steps finish on their version. At most 5,000 a call.', requires: ['operate', 'flow'],
    gives: movedRunsSchema, errors: ['NOT_FOUND'], example: { moved: 130, kept: ['old-step'], hasMore: false },
  })
  move(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @Body({ schema: moveRunsSchema }) body: MoveRuns): Promise<MovedRuns> {
    return moveRuns(this.admin, caller, id, body);
  }
}
