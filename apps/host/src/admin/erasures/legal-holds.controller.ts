import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { idSchema } from '../http/id-schema.js';
import { IfMatch } from '../http/if-match.js';
import { pageOf, pageQuerySchema, type Page, type PageQuery } from '../http/page.js';
import { Route } from '../http/route.js';
import { createLegalHold, deleteLegalHold, legalHoldBodySchema, legalHoldSchema, listLegalHolds, type LegalHoldBody, type LegalHoldView } from './legal-holds.js';

const example: LegalHoldView = { id: 'tax', version: 1, category: 'order', reason: 'Tax law: books are kept for ten years', until: '2036-12-31T00:00:00.000Z' };

@ApiTags('Privacy')
@Controller('admin/v1/legal-holds')
export class LegalHoldsController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({ method: 'GET', summary: 'Lists what has to be kept past an erasure', requires: ['read', 'privacyRequest'], isResult: true, gives: pageOf(legalHoldSchema), example: { items: [example], nextCursor: null } })
  list(@CallerOf() caller: Caller, @Query({ schema: pageQuerySchema }) query: PageQuery): Promise<Page<LegalHoldView>> {
    return listLegalHolds(this.admin, caller, query);
  }

  @Route({
    method: 'POST', summary: 'Keeps a category past erasures', description: 'From now on, until the time that it names. What was erased before is gone.', requires: ['operate', 'privacyRequest'], status: 201, isResult: true, gives: legalHoldSchema, errors: ['CONFLICT'], example,
  })
  create(@CallerOf() caller: Caller, @Body({ schema: legalHoldBodySchema }) body: LegalHoldBody): Promise<LegalHoldView> {
    return createLegalHold(this.admin, caller, body);
  }

  @Route({ method: 'DELETE', path: ':id', summary: 'Ends a hold', description: 'What no other hold of the category keeps is deleted within the hour.', requires: ['operate', 'privacyRequest'], isUpdate: true })
  remove(@CallerOf() caller: Caller, @IfMatch() ifMatch: number, @Param('id', { schema: idSchema }) id: string): Promise<void> {
    return deleteLegalHold(this.admin, caller, id, ifMatch);
  }
}
