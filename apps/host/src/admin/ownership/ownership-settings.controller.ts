import { Body, Controller, Inject } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { OwnershipSettings } from '@firsthand/domain';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { IfMatch } from '../http/if-match.js';
import { Route } from '../http/route.js';
import { getOwnershipSettings, OWNERSHIP_SETTINGS_EXAMPLE, ownershipSettingsBodySchema, ownershipSettingsViewSchema, setOwnershipSettings, type OwnershipSettingsView } from './ownership-settings.js';

const example: OwnershipSettingsView = {
  version: 2, ...OWNERSHIP_SETTINGS_EXAMPLE,
  effective: [{ field: 'profile.city', policy: 'newest', masters: [], proposers: null, refused: [{ channel: 'web' }], priority: [{ channel: 'crm' }, { channel: 'store' }], isSet: true, words: 'the newest; then channel:crm > channel:store; may not write: channel:web' }],
};

@ApiTags('Ownership')
@Controller('admin/v1/ownership-settings')
export class OwnershipSettingsController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({ method: 'GET', summary: 'Which source is believed about which field of a profile', requires: ['read', 'dictionary'], gives: ownershipSettingsViewSchema, example })
  get(@CallerOf() caller: Caller): Promise<OwnershipSettingsView> {
    return getOwnershipSettings(this.admin, caller);
  }

  @Route({
    method: 'PUT', summary: 'Sets which source is believed about which field', description: 'Per field: masters, who else may write it, who may not, and what decides between values. Stored profiles are decided anew from what lost before; a correction of the person stands above all.',
    isOneMoment: true, requires: ['update', 'dictionary'], isUpdate: true, gives: ownershipSettingsViewSchema, example,
  })
  set(@CallerOf() caller: Caller, @IfMatch() ifMatch: number, @Body({ schema: ownershipSettingsBodySchema }) settings: OwnershipSettings): Promise<OwnershipSettingsView> {
    return setOwnershipSettings(this.admin, caller, ifMatch, settings);
  }
}
