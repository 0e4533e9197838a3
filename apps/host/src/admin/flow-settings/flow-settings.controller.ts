import { Body, Controller, Inject } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FlowSettings } from '@firsthand/domain';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { IfMatch } from '../http/if-match.js';
import { Route } from '../http/route.js';
import { FLOW_SETTINGS_EXAMPLE, flowSettingsBodySchema, flowSettingsViewSchema, getFlowSettings, setFlowSettings, type FlowSettingsView } from './flow-settings.js';

const example: FlowSettingsView = { version: 2, ...FLOW_SETTINGS_EXAMPLE };

@ApiTags('Flows')
@Controller('admin/v1/flow-settings')
export class FlowSettingsController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({ method: 'GET', summary: 'Time zone, quiet hours and frequency caps of all flows', requires: ['read', 'flow'], gives: flowSettingsViewSchema, example })
  get(@CallerOf() caller: Caller): Promise<FlowSettingsView> {
    return getFlowSettings(this.admin, caller);
  }

  @Route({
    method: 'PUT', summary: 'Sets time zone, quiet hours and frequency caps', description: 'They hold for deliver steps that name a `channel`; caps count over all flows, quiet hours go by the clock of the person.',
    requires: ['update', 'flow'], isUpdate: true, gives: flowSettingsViewSchema, example,
  })
  set(@CallerOf() caller: Caller, @IfMatch() ifMatch: number, @Body({ schema: flowSettingsBodySchema }) settings: FlowSettings): Promise<FlowSettingsView> {
    return setFlowSettings(this.admin, caller, ifMatch, settings);
  }
}
