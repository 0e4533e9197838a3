import { Body, Controller, Inject, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { idSchema } from '../http/id-schema.js';
import { Route } from '../http/route.js';
import { FLOW_EXAMPLE, flowSchema, type FlowView } from './flow-bodies.js';
import { createFromTemplate, flowTemplates, flowTemplatesSchema, fromTemplateSchema, type FlowTemplate, type FromTemplate } from './flow-templates.js';

@ApiTags('Flows')
@Controller('admin/v1/flows/templates')
export class FlowTemplatesController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({
    method: 'GET', summary: 'Ready-made flows', requires: ['read', 'flow'], gives: flowTemplatesSchema,
    example: { items: [{ id: 'welcome', name: 'Welcome', description: 'Greets who agrees.', parameters: { purpose: 'Purpose that the messages stand on.' }, flow: {} }] },
  })
  list(): { items: readonly FlowTemplate[] } {
    return { items: flowTemplates() };
  }

  @Route({
    method: 'POST', path: ':template', summary: 'Makes a draft of a ready-made flow', description: '`problems` says what keeps it from being published.', requires: ['create', 'flow'], status: 201, gives: flowSchema,
    errors: ['NOT_FOUND', 'CONFLICT', 'INVALID_FLOW'], example: FLOW_EXAMPLE,
  })
  create(@CallerOf() caller: Caller, @Param('template', { schema: idSchema }) template: string, @Body({ schema: fromTemplateSchema }) body: FromTemplate): Promise<FlowView> {
    return createFromTemplate(this.admin, caller, template, body);
  }
}
