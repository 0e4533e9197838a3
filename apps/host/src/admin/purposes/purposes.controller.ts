import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { idSchema } from '../http/id-schema.js';
import { IfMatch } from '../http/if-match.js';
import { pageOf, pageQuerySchema, type Page, type PageQuery } from '../http/page.js';
import { Route } from '../http/route.js';
import { purposeEffects } from './purpose-effects.js';
import {
  changePurpose, createPurpose, deletePurpose, getPurpose, listPurposes, newPurposeSchema, PURPOSE_EXAMPLE as example, purposeChangeSchema, purposeSchema,
  type NewPurpose, type PurposeChange, type PurposeView,
} from './purposes.js';

@ApiTags('Purposes')
@Controller('admin/v1/purposes')
export class PurposesController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({ method: 'GET', summary: 'Lists the purposes', requires: ['read', 'purpose'], gives: pageOf(purposeSchema), example: { items: [example], nextCursor: null } })
  list(@CallerOf() caller: Caller, @Query({ schema: pageQuerySchema }) query: PageQuery): Promise<Page<PurposeView>> {
    return listPurposes(this.admin, caller, query);
  }

  @Route({ method: 'POST', summary: 'Makes a purpose', isOneMoment: true, requires: ['create', 'purpose'], status: 201, gives: purposeSchema, errors: ['CONFLICT'], example })
  create(@CallerOf() caller: Caller, @Body({ schema: newPurposeSchema }) purpose: NewPurpose): Promise<PurposeView> {
    return createPurpose(this.admin, caller, purpose);
  }

  @Route({ method: 'GET', path: ':id', summary: 'One purpose', requires: ['read', 'purpose'], gives: purposeSchema, errors: ['NOT_FOUND'], example })
  get(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string): Promise<PurposeView> {
    return getPurpose(this.admin, caller, id);
  }

  @Route({ method: 'PUT', path: ':id', summary: 'Changes a purpose', description: 'What is left out stays.', isOneMoment: true, requires: ['update', 'purpose'], isUpdate: true, dryRun: purposeEffects, gives: purposeSchema, example })
  update(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @IfMatch() ifMatch: number, @Body({ schema: purposeChangeSchema }) change: PurposeChange): Promise<PurposeView> {
    return changePurpose(this.admin, caller, id, ifMatch, change);
  }

  @Route({ method: 'DELETE', path: ':id', summary: 'Deletes a purpose that nothing stands on', isOneMoment: true, requires: ['delete', 'purpose'], isUpdate: true, dryRun: purposeEffects, errors: ['CONFLICT'] })
  delete(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @IfMatch() ifMatch: number): Promise<void> {
    return deletePurpose(this.admin, caller, id, ifMatch);
  }
}
