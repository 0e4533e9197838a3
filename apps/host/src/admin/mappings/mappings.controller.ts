import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { idSchema } from '../http/id-schema.js';
import { IfMatch, OptionalIfMatch } from '../http/if-match.js';
import { pageOf, pageQuerySchema, type Page, type PageQuery } from '../http/page.js';
import { Route } from '../http/route.js';
import {
  applyTemplateSchema, MAPPING_EXAMPLE as example, mappingBodySchema, mappingRollBackSchema, mappingVersionSchema, mappingViewSchema, testResultsSchema,
  type ApplyTemplate, type MappingBody, type MappingRollBack, type MappingVersionView, type MappingView,
} from './mapping-bodies.js';
import { applyTemplate } from './mapping-templates.js';
import { deleteDraft, getMapping, listMappings, listMappingVersions, publishMapping, rollBackMapping, saveDraft, testDraft } from './mappings.js';
import type { MappingTestResults } from './run-tests.js';

@ApiTags('Mappings')
@Controller('admin/v1/mappings')
export class MappingsController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({ method: 'GET', summary: 'Lists the mappings that connections have of their own', requires: ['read', 'mapping'], gives: pageOf(mappingViewSchema), example: { items: [example], nextCursor: null } })
  list(@CallerOf() caller: Caller, @Query({ schema: pageQuerySchema }) query: PageQuery): Promise<Page<MappingView>> {
    return listMappings(this.admin, caller, query);
  }

  @Route({ method: 'GET', path: ':id', summary: 'The mapping of a source connection, and its draft', description: 'At live version 0 it is the plugin’s own.', requires: ['read', 'mapping'], gives: mappingViewSchema, errors: ['NOT_FOUND'], example })
  get(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string): Promise<MappingView> {
    return getMapping(this.admin, caller, id);
  }

  @Route({
    method: 'GET', path: ':id/versions', summary: 'The published versions of a mapping, newest first', requires: ['read', 'mapping'], gives: pageOf(mappingVersionSchema), errors: ['NOT_FOUND'],
    example: { items: [{ version: 1, publishedAt: '2026-11-24T08:00:00.000Z', ...example.draft }], nextCursor: null },
  })
  versions(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @Query({ schema: pageQuerySchema }) query: PageQuery): Promise<Page<MappingVersionView>> {
    return listMappingVersions(this.admin, caller, id, query);
  }

  @Route({
    method: 'PUT', path: ':id', summary: 'Replaces the draft of a connection’s mapping', description: 'Records go on being mapped by what is live. The first draft needs If-Match `"0"`.', isOneMoment: true, requires: ['update', 'mapping'], isUpdate: true, dryRun: () => [],
    gives: mappingViewSchema, errors: ['INVALID_MAPPING'], example,
  })
  save(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @IfMatch() ifMatch: number, @Body({ schema: mappingBodySchema }) body: MappingBody): Promise<MappingView> {
    return saveDraft(this.admin, caller, id, ifMatch, body);
  }

  @Route({
    method: 'PUT', path: ':id/template', summary: 'Makes a ready-made mapping the draft, with its tests', isOneMoment: true, requires: ['update', 'mapping'], isUpdate: true, dryRun: () => [], gives: mappingViewSchema, errors: ['INVALID_MAPPING'], example,
  })
  applyTemplate(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @IfMatch() ifMatch: number, @Body({ schema: applyTemplateSchema }) { template }: ApplyTemplate): Promise<MappingView> {
    return applyTemplate(this.admin, caller, id, ifMatch, template);
  }

  @Route({
    method: 'POST', path: ':id/test', summary: 'Runs the tests of the draft', requires: ['operate', 'mapping'], isResult: true, gives: testResultsSchema, errors: ['NOT_FOUND', 'INVALID_MAPPING'],
    example: { passed: false, tests: [{ name: 'an order', passed: false, mismatches: [{ path: '/order/orderId', expected: '7', got: null }] }] },
  })
  test(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string): Promise<MappingTestResults> {
    return testDraft(this.admin, caller, id);
  }

  @Route({
    method: 'POST', path: ':id/publish', summary: 'Publishes the draft', description: 'As a version that never changes; records are mapped by it from now on. Refused while one of its tests fails.', isOneMoment: true, requires: ['operate', 'mapping'], dryRun: () => [],
    gives: mappingViewSchema, errors: ['NOT_FOUND', 'VERSION_MISMATCH', 'INVALID_MAPPING', 'MAPPING_TEST_FAILED'], example,
  })
  publish(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @OptionalIfMatch() ifMatch: number | undefined): Promise<MappingView> {
    return publishMapping(this.admin, caller, id, ifMatch);
  }

  @Route({
    method: 'POST', path: ':id/rollback', summary: 'Makes an earlier version live again, or the plugin’s own', description: 'Refused while one of that version’s tests fails.', isOneMoment: true, requires: ['operate', 'mapping'], dryRun: () => [], gives: mappingViewSchema,
    errors: ['NOT_FOUND', 'VERSION_MISMATCH', 'INVALID_MAPPING', 'MAPPING_TEST_FAILED'], example: { ...example, version: 3 },
  })
  rollBack(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @OptionalIfMatch() ifMatch: number | undefined, @Body({ schema: mappingRollBackSchema }) { version }: MappingRollBack): Promise<MappingView> {
    return rollBackMapping(this.admin, caller, id, ifMatch, version);
  }

  @Route({ method: 'DELETE', path: ':id', summary: 'Deletes a draft of which nothing was ever published', requires: ['delete', 'mapping'], isUpdate: true, dryRun: () => [], errors: ['CONFLICT'] })
  delete(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @IfMatch() ifMatch: number): Promise<void> {
    return deleteDraft(this.admin, caller, id, ifMatch);
  }
}
