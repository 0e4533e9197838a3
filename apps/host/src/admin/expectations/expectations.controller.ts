import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { idSchema } from '../http/id-schema.js';
import { IfMatch } from '../http/if-match.js';
import { pageOf, pageQuerySchema, type Page, type PageQuery } from '../http/page.js';
import { Route } from '../http/route.js';
import { EXPECTATION_EXAMPLE as example, expectationChangeSchema, expectationViewSchema, newExpectationSchema, type ExpectationChange, type ExpectationView, type NewExpectation } from './expectation-bodies.js';
import { changeExpectation, createExpectation, deleteExpectation, getExpectation, listExpectations } from './expectations.js';

@ApiTags('Quality')
@Controller('admin/v1/expectations')
export class ExpectationsController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({ method: 'GET', summary: 'Lists what is expected of the data', requires: ['read', 'expectation'], gives: pageOf(expectationViewSchema), example: { items: [example], nextCursor: null } })
  list(@CallerOf() caller: Caller, @Query({ schema: pageQuerySchema }) query: PageQuery): Promise<Page<ExpectationView>> {
    return listExpectations(this.admin, caller, query);
  }

  @Route({
    method: 'POST', summary: 'Expects something of a source, an event or a field', description: 'It is counted from then on, and judged once a minute.', isOneMoment: true, requires: ['create', 'expectation'], status: 201, gives: expectationViewSchema,
    errors: ['INVALID_EXPECTATION', 'CONFLICT'], example,
  })
  create(@CallerOf() caller: Caller, @Body({ schema: newExpectationSchema }) expectation: NewExpectation): Promise<ExpectationView> {
    return createExpectation(this.admin, caller, expectation);
  }

  @Route({ method: 'GET', path: ':id', summary: 'One expectation', requires: ['read', 'expectation'], gives: expectationViewSchema, errors: ['NOT_FOUND'], example })
  get(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string): Promise<ExpectationView> {
    return getExpectation(this.admin, caller, id);
  }

  @Route({
    method: 'PUT', path: ':id', summary: 'Changes an expectation', description: 'Counts go on where only limits, window, severity or receiver change; a rule that counts something else begins anew.', isOneMoment: true, requires: ['update', 'expectation'], isUpdate: true,
    gives: expectationViewSchema, errors: ['INVALID_EXPECTATION'], example: { ...example, version: 2 },
  })
  update(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @IfMatch() ifMatch: number, @Body({ schema: expectationChangeSchema }) change: ExpectationChange): Promise<ExpectationView> {
    return changeExpectation(this.admin, caller, id, ifMatch, change);
  }

  @Route({ method: 'DELETE', path: ':id', summary: 'Expects it no more', description: 'Who was told that it fails is told that it was withdrawn.', requires: ['delete', 'expectation'], isUpdate: true })
  delete(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @IfMatch() ifMatch: number): Promise<void> {
    return deleteExpectation(this.admin, caller, id, ifMatch);
  }
}
