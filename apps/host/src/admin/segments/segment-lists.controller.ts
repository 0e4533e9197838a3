import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { idSchema } from '../http/id-schema.js';
import { Route } from '../http/route.js';
import { sizeOfList, uploadList } from './change-list.js';
import { LIST_CHANGE_EXAMPLE, listBodySchema, listChangeSchema, listQuerySchema, listSizeSchema, type ListChangeResult, type ListQuery, type ListSize } from './list-bodies.js';

@ApiTags('Segments')
@Controller('admin/v1/segments/:id/list')
export class SegmentListsController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({
    method: 'POST', summary: 'Puts people on a static list, or takes them off', requires: ['operate', 'segment'], status: 200, consumes: ['application/json', 'text/csv'], dryRun: () => [],
    description: 'At most 10,000 people a call, named by identities that are known here; sending the same again changes nothing more. Who has not consented to the purpose of the segment stands on the list and is not in the segment.',
    gives: listChangeSchema, errors: ['NOT_FOUND', 'CONFLICT', 'INVALID_REQUEST', 'LIST_TOO_LONG'], example: LIST_CHANGE_EXAMPLE,
  })
  change(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @Query({ schema: listQuerySchema }) query: ListQuery, @Body({ schema: listBodySchema }) body: unknown): Promise<ListChangeResult> {
    return uploadList(this.admin, caller, id, query, body);
  }

  @Route({
    method: 'GET', summary: 'How many stand on a static list', requires: ['read', 'segment'], gives: listSizeSchema, errors: ['NOT_FOUND', 'CONFLICT'],
    example: { segmentId: 'store-opening-guests', listed: 240, members: 198 },
  })
  size(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string): Promise<ListSize> {
    return sizeOfList(this.admin, caller, id);
  }
}
