import { Body, Controller, Inject } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { identitySchema, type IdentityQuery } from '../http/identity-body.js';
import { Route } from '../http/route.js';
import { mintPrivacyLink, privacyLinkSchema, type PrivacyLink } from './mint-privacy-link.js';

const linkBodySchema = z.strictObject({ identity: identitySchema }).meta({ id: 'PrivacyLinkBody', examples: [{ identity: { namespace: 'email', value: 'ana@example.com' } }] });

@ApiTags('Privacy')
@Controller('admin/v1/privacy-links')
export class PrivacyLinksController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({
    method: 'POST', summary: 'Makes the link to a person’s privacy page', description: 'Send it only to the address that it is for: whoever has it decides for the person.',
    requires: ['create', 'privacyLink'], status: 201, isResult: true, gives: privacyLinkSchema, example: { url: 'https://data.example.com/privacy/default?token=…', expiresAt: '2026-12-01T08:00:00.000Z' },
  })
  mint(@CallerOf() caller: Caller, @Body({ schema: linkBodySchema }) { identity }: { identity: IdentityQuery }): Promise<PrivacyLink> {
    return mintPrivacyLink(this.admin, caller, identity);
  }
}
