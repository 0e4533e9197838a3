import { Controller, Inject, Param, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { DictionaryJson, JsonObject } from '@firsthand/domain';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { admitBrowser, admitReader, ASKS_ITSELF } from '../http/admit-browser.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { idSchema } from '../http/id-schema.js';
import { pageOf, pageQuerySchema, type Page, type PageQuery } from '../http/page.js';
import { Route } from '../http/route.js';
import { getDictionary, getDictionaryOpenApi, getDictionarySchema, getLineage, lineageQuerySchema, lineageSchema, sendDictionaryMarkdown, sendDictionaryPage, sendDictionaryTypes, sendWorkspaceDictionary, type LineageView } from './dictionary.js';
import { dictionaryVersionSchema, listDictionaryVersions, VERSION_EXAMPLE, type DictionaryVersionView } from './dictionary-versions.js';

const open = z.record(z.string(), z.unknown());
const WHY_PUBLIC = { publicBecause: 'it describes the built-in schema and holds no data' };

@ApiTags('Dictionary')
@Controller()
export class DictionaryController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({
    method: 'GET', path: 'admin/v1/dictionary', summary: 'The canonical schema of the workspace', description: 'Each field with its meaning, type, example, owner channel, class of personal data, retention and purposes; of fields of the profile who is believed about them; the events; the version.',
    requires: ['read', 'dictionary'], gives: open, example: { dictionaryVersion: '1.0', conventions: ['Times are ISO 8601 in UTC, days ISO 8601.'], entities: [{ name: 'profile', description: 'What is known of a person.', isCustom: false, fields: [{ path: 'profile.email', type: 'email' }] }], events: [] },
  })
  get(@CallerOf() caller: Caller): Promise<DictionaryJson> {
    return getDictionary(this.admin, caller);
  }

  @Route({ method: 'GET', path: 'admin/v1/dictionary/schema', summary: 'The canonical schema as JSON Schema', requires: ['read', 'dictionary'], gives: open, example: { $schema: 'https://json-schema.org/draft/2020-12/schema', $defs: {} } })
  schema(@CallerOf() caller: Caller): JsonObject {
    return getDictionarySchema(this.admin, caller);
  }

  @Route({ method: 'GET', path: 'admin/v1/dictionary/openapi', summary: 'The canonical schema as components of OpenAPI', requires: ['read', 'dictionary'], gives: open, example: { openapi: '3.1.0', info: { title: 'Data dictionary', version: '1.0' }, paths: {}, components: { schemas: {} } } })
  openApi(@CallerOf() caller: Caller): Promise<object> {
    return getDictionaryOpenApi(this.admin, caller);
  }

  @Route({ method: 'GET', path: 'admin/v1/dictionary.d.ts', summary: 'The canonical schema as TypeScript types', requires: ['read', 'dictionary'], gives: z.string(), produces: 'application/typescript', example: 'export interface Profile {\n  /** Email address for contact. */\n  email?: string;\n}' })
  types(@CallerOf() caller: Caller, @Res() response: Response): Promise<void> {
    return sendDictionaryTypes(this.admin, caller, response);
  }

  @Route({
    method: 'GET', path: 'admin/v1/dictionary/lineage', summary: 'Where fields and events come from and go to', description: 'By what is in force now: mappings, live segments and flows, purposes. What your role may not read is left out.',
    requires: ['read', 'dictionary'], gives: lineageSchema, isResult: true,
    example: { fields: [{ path: 'profile.email', fedBy: [{ connectionId: 'online-shop', mappingVersion: 0, from: ['traits.email'] }], segments: [], flows: ['welcome'], destinations: [{ connectionId: 'crm', action: 'upsert-contact', flow: 'welcome', field: 'email' }], purposes: ['marketing'] }], events: [] },
  })
  lineage(@CallerOf() caller: Caller, @Query({ schema: lineageQuerySchema }) { path }: { path?: string }): Promise<LineageView> {
    return getLineage(this.admin, caller, path);
  }

  @Route({ method: 'GET', path: 'admin/v1/dictionary/versions', summary: 'Every version of the dictionary, the newest first', requires: ['read', 'dictionary'], gives: pageOf(dictionaryVersionSchema), example: { items: [VERSION_EXAMPLE], nextCursor: null } })
  versions(@CallerOf() caller: Caller, @Query({ schema: pageQuerySchema }) query: PageQuery): Promise<Page<DictionaryVersionView>> {
    return listDictionaryVersions(this.admin, caller, query);
  }

  @Route({ method: 'GET', path: 'dictionary', summary: 'The built-in data dictionary as a page', requires: WHY_PUBLIC, gives: z.string(), produces: 'text/html' })
  page(@Res() response: Response): void {
    sendDictionaryPage(response);
  }

  @Route({ method: 'GET', path: 'dictionary.md', summary: 'The built-in data dictionary as Markdown', requires: WHY_PUBLIC, gives: z.string(), produces: 'text/markdown' })
  markdown(@Res() response: Response): void {
    sendDictionaryMarkdown(response);
  }

  @Route({
    method: 'GET', path: 'dictionary/:workspace', summary: 'The data dictionary of a workspace as a page', description: 'With the fields of its own, where each comes from and goes to, and who is believed about it.', requires: ASKS_ITSELF, gives: z.string(), produces: 'text/html',
    errors: ['UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'RATE_LIMITED'],
  })
  async workspacePage(@Param('workspace', { schema: idSchema }) workspace: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    await sendWorkspaceDictionary(this.admin, await admitReader(this.admin, workspace, 'dictionary', request, response), response);
  }

  @Route({
    method: 'GET', path: 'dictionary/:workspace/markdown', summary: 'The data dictionary of a workspace as Markdown', description: 'With the fields of its own, and who is believed about each.', requires: ASKS_ITSELF, gives: z.string(), produces: 'text/markdown',
    errors: ['UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'RATE_LIMITED'],
  })
  async workspaceMarkdown(@Param('workspace', { schema: idSchema }) workspace: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    const { dictionary, ownership } = await admitBrowser(this.admin, workspace, 'dictionary', request, response);
    sendDictionaryMarkdown(response, dictionary, ownership);
  }
}
