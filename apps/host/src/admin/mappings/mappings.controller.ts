import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Mapping } from '@firsthand/domain';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { idSchema } from '../http/id-schema.js';
import { IfMatch } from '../http/if-match.js';
import { pageOf, pageQuerySchema, type Page, type PageQuery } from '../http/page.js';
import { Route } from '../http/route.js';
import {
  deleteMapping, getMapping, listMappings, mappingBodySchema, mappingPreviewSchema, mappingViewSchema, previewMapping, previewSchema, saveMapping,
  type MappingBody, type MappingPreview, type MappingPreviewBody, type MappingView,
} from './mappings.js';

const example: MappingView = { id: 'online-shop', version: 1, mapping: { name: 'Order Completed', 'identities.email': '{{lower email}}' }, isOwn: true };

@ApiTags('Mappings')
@Controller('admin/v1/mappings')
export class MappingsController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({ method: 'GET', summary: 'Lists the mappings that connections have of their own', requires: ['read', 'mapping'], gives: pageOf(mappingViewSchema), example: { items: [example], nextCursor: null } })
  list(@CallerOf() caller: Caller, @Query({ schema: pageQuerySchema }) query: PageQuery): Promise<Page<MappingView>> {
    return listMappings(this.admin, caller, query);
  }

  @Route({
    method: 'POST', path: 'preview', summary: 'Maps a sample and stores nothing', requires: ['operate', 'mapping'], gives: previewSchema, errors: ['NOT_FOUND', 'INVALID_MAPPING'],
    example: { mapped: { name: 'Order Completed', identities: { userId: 'u-20481' } }, record: { type: 'track', name: 'Order Completed', identities: [{ namespace: 'userId', value: 'u-20481' }] }, error: null, reads: { name: ['event'] } },
  })
  preview(@CallerOf() caller: Caller, @Body({ schema: mappingPreviewSchema }) body: MappingPreviewBody): Promise<MappingPreview> {
    return previewMapping(this.admin, caller, body);
  }

  @Route({ method: 'GET', path: ':id', summary: 'The mapping of a source connection', description: 'At version 0 it is the plugin’s own.', requires: ['read', 'mapping'], gives: mappingViewSchema, errors: ['NOT_FOUND'], example })
  get(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string): Promise<MappingView> {
    return getMapping(this.admin, caller, id);
  }

  @Route({
    method: 'PUT', path: ':id', summary: 'Gives a connection a mapping of its own', description: 'The first one needs If-Match `"0"`.', requires: ['update', 'mapping'], isUpdate: true, dryRun: () => [], gives: mappingViewSchema,
    errors: ['INVALID_MAPPING'], example,
  })
  save(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @IfMatch() ifMatch: number, @Body({ schema: mappingBodySchema }) { mapping }: MappingBody): Promise<MappingView> {
    return saveMapping(this.admin, caller, id, ifMatch, mapping as Mapping);
  }

  @Route({ method: 'DELETE', path: ':id', summary: 'Goes back to the plugin’s mapping', requires: ['delete', 'mapping'], isUpdate: true, dryRun: () => [] })
  delete(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @IfMatch() ifMatch: number): Promise<void> {
    return deleteMapping(this.admin, caller, id, ifMatch);
  }
}
