import { Body, Controller, Inject } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ADMIN, type AdminContext } from '../admin-context.js';
import type { AccessSettings } from '../../configuration/documents.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { IfMatch } from '../http/if-match.js';
import { Route } from '../http/route.js';
import { ACCESS_SETTINGS_EXAMPLE, accessSettingsBodySchema, accessSettingsViewSchema, getAccessSettings, setAccessSettings, type AccessSettingsView } from './access-settings.js';

const example: AccessSettingsView = { version: 2, ...ACCESS_SETTINGS_EXAMPLE };

@ApiTags('Access')
@Controller('admin/v1/access-settings')
export class AccessSettingsController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({ method: 'GET', summary: 'How the workspace guards its customers from its own people', requires: ['read', 'accessSettings'], gives: accessSettingsViewSchema, example })
  get(@CallerOf() { workspaceId }: Caller): Promise<AccessSettingsView> {
    return getAccessSettings(this.admin, workspaceId);
  }

  @Route({ method: 'PUT', summary: 'Sets how the workspace guards its customers from its own people', requires: ['update', 'accessSettings'], isUpdate: true, gives: accessSettingsViewSchema, example })
  set(@CallerOf() caller: Caller, @IfMatch() ifMatch: number, @Body({ schema: accessSettingsBodySchema }) settings: AccessSettings): Promise<AccessSettingsView> {
    return setAccessSettings(this.admin, caller, ifMatch, settings);
  }
}
