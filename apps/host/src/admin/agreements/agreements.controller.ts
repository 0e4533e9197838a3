import { Body, Controller, Inject, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { idSchema } from '../http/id-schema.js';
import { IfMatch, OptionalIfMatch } from '../http/if-match.js';
import { pageOf, pageQuerySchema, type Page, type PageQuery } from '../http/page.js';
import { Route } from '../http/route.js';
import { agreementEffects } from './agreement-effects.js';
import {
  agreementChangeSchema, agreementSchema, createAgreement, getAgreement, listAgreements, newAgreementSchema, newVersionSchema, publishVersion, renameAgreement,
  type AgreementView, type NewAgreement, type NewAgreementVersion,
} from './agreements.js';

const example: AgreementView = {
  id: 'privacy-notice', version: 2, name: 'Privacy notice',
  versions: [{ version: 1, isMaterial: true, purposes: ['marketing'], texts: { en: 'We use your contact data …' }, textHashes: { en: 'f2ca1bb6c7e907d06dafe4687e579fce76b37e4e93b7605022da52e6ccc26fd2' }, publishedAt: '2026-11-24T08:00:00.000Z' }],
};

@ApiTags('Agreements')
@Controller('admin/v1/agreements')
export class AgreementsController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({ method: 'GET', summary: 'Lists the agreements', requires: ['read', 'agreement'], gives: pageOf(agreementSchema), example: { items: [example], nextCursor: null } })
  list(@CallerOf() caller: Caller, @Query({ schema: pageQuerySchema }) query: PageQuery): Promise<Page<AgreementView>> {
    return listAgreements(this.admin, caller, query);
  }

  @Route({ method: 'POST', summary: 'Makes an agreement', description: 'It has no effect before a version is published.', requires: ['create', 'agreement'], status: 201, gives: agreementSchema, errors: ['CONFLICT'], example: { ...example, version: 1, versions: [] } })
  create(@CallerOf() caller: Caller, @Body({ schema: newAgreementSchema }) agreement: NewAgreement): Promise<AgreementView> {
    return createAgreement(this.admin, caller, agreement);
  }

  @Route({ method: 'GET', path: ':id', summary: 'One agreement with all its versions', requires: ['read', 'agreement'], gives: agreementSchema, errors: ['NOT_FOUND'], example })
  get(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string): Promise<AgreementView> {
    return getAgreement(this.admin, caller, id);
  }

  @Route({ method: 'PUT', path: ':id', summary: 'Renames an agreement', requires: ['update', 'agreement'], isUpdate: true, gives: agreementSchema, example })
  update(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @IfMatch() ifMatch: number, @Body({ schema: agreementChangeSchema }) { name }: { name: string }): Promise<AgreementView> {
    return renameAgreement(this.admin, caller, id, ifMatch, name);
  }

  @Route({
    method: 'POST', path: ':id/versions', summary: 'Publishes a version', description: 'It can never be changed. A material one asks everybody again.', isOneMoment: true, requires: ['operate', 'agreement'], dryRun: agreementEffects, status: 201,
    gives: agreementSchema, errors: ['NOT_FOUND', 'CONFLICT'], example,
  })
  publish(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @OptionalIfMatch() ifMatch: number | undefined, @Body({ schema: newVersionSchema }) version: NewAgreementVersion): Promise<AgreementView> {
    return publishVersion(this.admin, caller, id, ifMatch, version);
  }
}
