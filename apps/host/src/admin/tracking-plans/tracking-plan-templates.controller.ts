import { Body, Controller, Inject, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { idSchema } from '../http/id-schema.js';
import { Route } from '../http/route.js';
import { PLAN_EXAMPLE, planViewSchema, VIEW_EXAMPLE, type PlanView } from './tracking-plan-bodies.js';
import { createPlanFromTemplate, planFromTemplateSchema, planTemplates, planTemplatesSchema, type PlanFromTemplate, type PlanTemplate } from './tracking-plan-templates.js';

@ApiTags('Tracking plans')
@Controller('admin/v1/tracking-plans/templates')
export class TrackingPlanTemplatesController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({
    method: 'GET', summary: 'Ready-made tracking plans', requires: ['read', 'trackingPlan'], isResult: true, gives: planTemplatesSchema,
    example: { items: [{ id: 'ecommerce', name: 'Online shop', description: 'The usual events of a shop.', plan: PLAN_EXAMPLE }] },
  })
  list(): { items: readonly PlanTemplate[] } {
    return { items: planTemplates() };
  }

  @Route({ method: 'POST', path: ':template', summary: 'Makes a draft of a ready-made tracking plan', requires: ['create', 'trackingPlan'], status: 201, gives: planViewSchema, errors: ['NOT_FOUND', 'CONFLICT'], example: VIEW_EXAMPLE })
  create(@CallerOf() caller: Caller, @Param('template', { schema: idSchema }) template: string, @Body({ schema: planFromTemplateSchema }) body: PlanFromTemplate): Promise<PlanView> {
    return createPlanFromTemplate(this.admin, caller, template, body);
  }
}
