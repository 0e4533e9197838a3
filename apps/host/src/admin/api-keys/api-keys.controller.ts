import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { idSchema } from '../http/id-schema.js';
import { IfMatch } from '../http/if-match.js';
import { pageOf, pageQuerySchema, type Page, type PageQuery } from '../http/page.js';
import { Route } from '../http/route.js';
import { apiKeySchema, createApiKey, deleteApiKey, listApiKeys, newApiKeySchema, shownApiKeySchema, type ApiKeyView, type NewApiKeyBody } from './api-keys.js';

const example: ApiKeyView = { id: 'k-1', version: 1, name: 'Deployment', roles: ['integrator'], hint: 'x7Qa', expiresAt: null, scopes: null, createdAt: '2026-11-24T08:00:00.000Z' };

@ApiTags('API keys')
@Controller('admin/v1/api-keys')
export class ApiKeysController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({ method: 'GET', summary: 'Lists the API keys', requires: ['read', 'apiKey'], gives: pageOf(apiKeySchema), example: { items: [example], nextCursor: null } })
  list(@CallerOf() caller: Caller, @Query({ schema: pageQuerySchema }) query: PageQuery): Promise<Page<ApiKeyView>> {
    return listApiKeys(this.admin, caller, query);
  }

  @Route({ method: 'POST', summary: 'Makes an API key', description: 'The key is shown this once.', requires: ['create', 'apiKey'], status: 201, isResult: true, gives: shownApiKeySchema, example: { ...example, apiKey: 'fh_…' } })
  create(@CallerOf() caller: Caller, @Body({ schema: newApiKeySchema }) key: NewApiKeyBody): Promise<ApiKeyView & { apiKey: string }> {
    return createApiKey(this.admin, caller, key);
  }

  @Route({ method: 'DELETE', path: ':id', summary: 'Revokes an API key', requires: ['delete', 'apiKey'], isUpdate: true })
  delete(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @IfMatch() ifMatch: number): Promise<void> {
    return deleteApiKey(this.admin, caller, id, ifMatch);
  }
}
