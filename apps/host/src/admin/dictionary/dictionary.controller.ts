import { Body, Controller, Inject, Param, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { DictionaryJson, JsonObject } from '@firsthand/domain';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { admitBrowser, ASKS_ITSELF } from '../http/admit-browser.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { idSchema } from '../http/id-schema.js';
import { IfMatch } from '../http/if-match.js';
import { Route } from '../http/route.js';
import { customFieldEffects } from './custom-field-effects.js';
import {
  addCustomField, customFieldSchema, customFieldViewSchema, getDictionary, getDictionarySchema, removeCustomField, sendDictionaryMarkdown, sendDictionaryPage, type CustomFieldBody, type CustomFieldView,
} from './dictionary.js';

const open = z.record(z.string(), z.unknown());
const WHY_PUBLIC = { publicBecause: 'it describes the built-in schema and holds no data' };

@ApiTags('Dictionary')
@Controller()
export class DictionaryController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({
    method: 'GET', path: 'admin/v1/dictionary', summary: 'The canonical schema of the workspace', description: 'Each field with its meaning, type, example, owner channel, class of personal data, retention and purposes.',
    requires: ['read', 'dictionary'], gives: open, example: { conventions: ['Times are ISO 8601 in UTC, days ISO 8601.'], entities: [{ name: 'profile', description: 'What is known of a person.', fields: [{ path: 'profile.email', type: 'email' }] }] },
  })
  get(@CallerOf() caller: Caller): DictionaryJson {
    return getDictionary(this.admin, caller);
  }

  @Route({ method: 'GET', path: 'admin/v1/dictionary/schema', summary: 'The canonical schema as JSON Schema', requires: ['read', 'dictionary'], gives: open, example: { $schema: 'https://json-schema.org/draft/2020-12/schema', $defs: {} } })
  schema(@CallerOf() caller: Caller): JsonObject {
    return getDictionarySchema(this.admin, caller);
  }

  @Route({
    method: 'POST', path: 'admin/v1/dictionary/custom-fields', summary: 'Adds a field of your own', requires: ['create', 'dictionary'], status: 201, gives: customFieldViewSchema, errors: ['CONFLICT'],
    example: { id: 'profile.shoeSize', version: 1, field: { entity: 'profile', name: 'shoeSize', type: 'integer', description: 'EU shoe size.' } },
  })
  addField(@CallerOf() caller: Caller, @Body({ schema: customFieldSchema }) field: CustomFieldBody): Promise<CustomFieldView> {
    return addCustomField(this.admin, caller, field);
  }

  @Route({ method: 'DELETE', path: 'admin/v1/dictionary/custom-fields/:id', summary: 'Takes a field of your own out', requires: ['delete', 'dictionary'], isUpdate: true, dryRun: customFieldEffects })
  removeField(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @IfMatch() ifMatch: number): Promise<void> {
    return removeCustomField(this.admin, caller, id, ifMatch);
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
    method: 'GET', path: 'dictionary/:workspace', summary: 'The data dictionary of a workspace as a page', description: 'With the fields of its own.', requires: ASKS_ITSELF, gives: z.string(), produces: 'text/html',
    errors: ['UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'RATE_LIMITED'],
  })
  async workspacePage(@Param('workspace', { schema: idSchema }) workspace: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    sendDictionaryPage(response, (await admitBrowser(this.admin, workspace, 'dictionary', request, response)).dictionary);
  }

  @Route({
    method: 'GET', path: 'dictionary/:workspace/markdown', summary: 'The data dictionary of a workspace as Markdown', description: 'With the fields of its own.', requires: ASKS_ITSELF, gives: z.string(), produces: 'text/markdown',
    errors: ['UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'RATE_LIMITED'],
  })
  async workspaceMarkdown(@Param('workspace', { schema: idSchema }) workspace: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    sendDictionaryMarkdown(response, (await admitBrowser(this.admin, workspace, 'dictionary', request, response)).dictionary);
  }
}
