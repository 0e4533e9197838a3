import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { namedEffect, type DescribeEffects } from '../dry-run/dry-run-effect.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { idSchema } from '../http/id-schema.js';
import { IfMatch, OptionalIfMatch } from '../http/if-match.js';
import { pageOf, pageQuerySchema, type Page, type PageQuery } from '../http/page.js';
import { Route } from '../http/route.js';
import { connectionsOfPlan } from './connections-of-plan.js';
import { dryRunPlan } from './dry-run-plan.js';
import { generatePlan } from './generate-plan.js';
import { readPlanViolations } from './plan-violations.js';
import {
  DRY_RUN_RESULT_EXAMPLE, generatedPlanSchema, generatePlanSchema, newPlanSchema, PLAN_EXAMPLE, planChangeSchema, planDryRunResultSchema, planDryRunSchema, planRollBackSchema, planSummarySchema, planVersionSchema, planViewSchema,
  planViolationsQuerySchema, planViolationsSchema, SUMMARY_EXAMPLE, VIEW_EXAMPLE, type GeneratedPlan, type GeneratePlan, type NewPlan, type PlanChange, type PlanDryRun, type PlanDryRunBody, type PlanRollBack, type PlanSummary, type PlanVersion,
  type PlanView, type PlanViolations, type PlanViolationsQuery,
} from './tracking-plan-bodies.js';
import { changePlan, createPlan, deletePlan, getPlan, getPlanVersion, listPlans, publishPlan, rollBackPlan } from './tracking-plans.js';

/** A change concerns the events of the connections that name the plan. */
const planEffects: DescribeEffects = async (admin, { workspaceId }, { id }) => [namedEffect('used-by-connections', await connectionsOfPlan(admin, workspaceId, id))];

@ApiTags('Tracking plans')
@Controller('admin/v1/tracking-plans')
export class TrackingPlansController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({ method: 'GET', summary: 'Lists the tracking plans', requires: ['read', 'trackingPlan'], gives: pageOf(planSummarySchema), example: { items: [SUMMARY_EXAMPLE], nextCursor: null } })
  list(@CallerOf() caller: Caller, @Query({ schema: pageQuerySchema }) query: PageQuery): Promise<Page<PlanSummary>> {
    return listPlans(this.admin, caller, query);
  }

  @Route({
    method: 'POST', summary: 'Makes a tracking plan', description: 'As a draft; events are judged once it is published and a connection names it.', requires: ['create', 'trackingPlan'], status: 201, gives: planViewSchema, errors: ['INVALID_TRACKING_PLAN', 'CONFLICT'],
    example: { ...VIEW_EXAMPLE, version: 1, live: null, connections: [], versions: [] },
  })
  create(@CallerOf() caller: Caller, @Body({ schema: newPlanSchema }) plan: NewPlan): Promise<PlanView> {
    return createPlan(this.admin, caller, plan);
  }

  @Route({
    method: 'POST', path: 'generate', summary: 'Makes the draft of a plan from stored events', requires: ['create', 'trackingPlan'], isResult: true, status: 201, gives: generatedPlanSchema, errors: ['NOT_FOUND', 'CONFLICT'],
    description: 'What was always there is required. A few texts that come again and again become the allowed values, of fields alone that the dictionary knows to say nothing of a person.',
    example: { plan: { ...VIEW_EXAMPLE, version: 1, live: null, connections: [], versions: [] }, observed: 1_200, leftOut: [] },
  })
  generate(@CallerOf() caller: Caller, @Body({ schema: generatePlanSchema }) body: GeneratePlan): Promise<GeneratedPlan> {
    return generatePlan(this.admin, caller, body);
  }

  @Route({
    method: 'GET', path: 'violations', summary: 'How events differ from their plans', description: 'Counts per connection, kind and action, of the records received in that time; summed from the ledger.', requires: ['read', 'trackingPlan'], isResult: true,
    gives: planViolationsSchema, errors: ['INVALID_REQUEST'],
    example: { from: '2026-11-23T08:00:00.000Z', to: '2026-11-24T08:00:00.000Z', items: [{ connectionId: 'online-shop', received: 1_200, violations: { wrongType: { coerce: 14 }, unplannedProperty: { strip: 3 } } }] } satisfies PlanViolations,
  })
  violations(@CallerOf() caller: Caller, @Query({ schema: planViolationsQuerySchema }) query: PlanViolationsQuery): Promise<PlanViolations> {
    return readPlanViolations(this.admin, caller, query);
  }

  @Route({ method: 'GET', path: ':id', summary: 'One tracking plan', requires: ['read', 'trackingPlan'], gives: planViewSchema, errors: ['NOT_FOUND'], example: VIEW_EXAMPLE })
  get(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string): Promise<PlanView> {
    return getPlan(this.admin, caller, id);
  }

  @Route({ method: 'PUT', path: ':id', summary: 'Changes the draft of a tracking plan', requires: ['update', 'trackingPlan'], isUpdate: true, gives: planViewSchema, errors: ['INVALID_TRACKING_PLAN'], example: VIEW_EXAMPLE })
  update(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @IfMatch() ifMatch: number, @Body({ schema: planChangeSchema }) change: PlanChange): Promise<PlanView> {
    return changePlan(this.admin, caller, id, ifMatch, change);
  }

  @Route({ method: 'DELETE', path: ':id', summary: 'Deletes a tracking plan that no connection names', description: 'With all its versions.', isOneMoment: true, requires: ['delete', 'trackingPlan'], isUpdate: true, dryRun: planEffects, errors: ['CONFLICT'] })
  delete(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @IfMatch() ifMatch: number): Promise<void> {
    return deletePlan(this.admin, caller, id, ifMatch);
  }

  @Route({
    method: 'POST', path: ':id/publish', summary: 'Publishes the draft', description: 'As a version that never changes. Events are judged by it within a second.', requires: ['operate', 'trackingPlan'], dryRun: planEffects, gives: planViewSchema,
    errors: ['NOT_FOUND', 'INVALID_TRACKING_PLAN', 'VERSION_MISMATCH'], example: VIEW_EXAMPLE,
  })
  publish(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @OptionalIfMatch() ifMatch: number | undefined): Promise<PlanView> {
    return publishPlan(this.admin, caller, id, ifMatch);
  }

  @Route({ method: 'POST', path: ':id/rollback', summary: 'Judges by an earlier version again', requires: ['operate', 'trackingPlan'], dryRun: planEffects, gives: planViewSchema, errors: ['NOT_FOUND', 'VERSION_MISMATCH'], example: VIEW_EXAMPLE })
  rollBack(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @OptionalIfMatch() ifMatch: number | undefined, @Body({ schema: planRollBackSchema }) { version }: PlanRollBack): Promise<PlanView> {
    return rollBackPlan(this.admin, caller, id, ifMatch, version);
  }

  @Route({
    method: 'POST', path: ':id/dry-run', summary: 'Judges stored events by the draft', description: 'And by the live version beside it: what would change if the draft were published. Nothing is stored; the answer names places and events, and no values.',
    requires: ['operate', 'trackingPlan'], isResult: true, gives: planDryRunResultSchema, errors: ['NOT_FOUND'], example: DRY_RUN_RESULT_EXAMPLE,
  })
  dryRun(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @Body({ schema: planDryRunSchema }) body: PlanDryRunBody): Promise<PlanDryRun> {
    return dryRunPlan(this.admin, caller, id, body);
  }

  @Route({
    method: 'GET', path: ':id/versions/:version', summary: 'A published version', requires: ['read', 'trackingPlan'], isResult: true, gives: planVersionSchema, errors: ['NOT_FOUND'],
    example: { version: 1, publishedAt: '2026-11-24T08:00:00.000Z', plan: PLAN_EXAMPLE },
  })
  version(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @Param('version', { schema: idSchema }) version: string): Promise<PlanVersion> {
    return getPlanVersion(this.admin, caller, id, version);
  }
}
