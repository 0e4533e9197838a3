import { Body, Controller, Inject } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { IdentitySettings } from '@firsthand/domain';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { IfMatch } from '../http/if-match.js';
import { Route } from '../http/route.js';
import { getIdentitySettings, IDENTITY_SETTINGS_EXAMPLE, identitySettingsBodySchema, identitySettingsViewSchema, setIdentitySettings, type IdentitySettingsView } from './identity-settings.js';

const example: IdentitySettingsView = {
  version: 2, ...IDENTITY_SETTINGS_EXAMPLE, effective: [{ namespace: 'memberNo', description: 'Number of the loyalty membership.', rank: 20, isShared: false, maxPerProfile: 1 }],
};

@ApiTags('Identity')
@Controller('admin/v1/identity-settings')
export class IdentitySettingsController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({ method: 'GET', summary: 'How people are told apart', requires: ['read', 'identity'], gives: identitySettingsViewSchema, example })
  get(@CallerOf() caller: Caller): Promise<IdentitySettingsView> {
    return getIdentitySettings(this.admin, caller);
  }

  @Route({
    method: 'PUT', summary: 'Sets how people are told apart', description: 'Ranks, limits, what is shared, blocked values, scopes of ids, mailbox rules and the breaker. It holds for records from then on: who is one person already stays so.',
    isOneMoment: true, requires: ['update', 'identity'], isUpdate: true, gives: identitySettingsViewSchema, example,
  })
  set(@CallerOf() caller: Caller, @IfMatch() ifMatch: number, @Body({ schema: identitySettingsBodySchema }) settings: IdentitySettings): Promise<IdentitySettingsView> {
    return setIdentitySettings(this.admin, caller, ifMatch, settings);
  }
}
