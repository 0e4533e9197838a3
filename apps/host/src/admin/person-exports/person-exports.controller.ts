import { Body, Controller, Inject, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { idSchema } from '../http/id-schema.js';
import { Route } from '../http/route.js';
import {
  createPersonExport, getPersonExport, mintExportLink, personExportBodySchema, personExportLinkSchema, personExportSchema, type PersonExportBody, type PersonExportLink, type PersonExportView,
} from './person-exports.js';

const example: PersonExportView = {
  id: 'x-1', profileId: 'p-1', requestId: null, state: 'ready', createdAt: '2026-11-24T08:00:00.000Z', noticedAt: null, expiresAt: '2026-12-01T08:00:00.000Z', files: [{ format: 'json', bytes: 48_213, sha256: 'f2ca1bb6…', fetchedAt: null }],
};

@ApiTags('Privacy')
@Controller('admin/v1')
export class PersonExportsController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({
    method: 'POST', path: 'profiles/:id/exports', summary: 'Asks for a copy of everything about a person', description: 'A worker makes two files, JSON and a page, over all profiles merged into the person. They are kept for 7 days, or until they are fetched.',
    requires: ['create', 'privacyRequest'], status: 201, isResult: true, gives: personExportSchema, errors: ['NOT_FOUND'], example: { ...example, state: 'pending', files: [] },
  })
  create(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @Body({ schema: personExportBodySchema }) body: PersonExportBody): Promise<PersonExportView> {
    return createPersonExport(this.admin, caller, id, body);
  }

  @Route({ method: 'GET', path: 'person-exports/:id', summary: 'Where a copy of a person’s data stands', requires: ['read', 'privacyRequest'], isAudited: true, isResult: true, gives: personExportSchema, errors: ['NOT_FOUND'], example })
  get(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string): Promise<PersonExportView> {
    return getPersonExport(this.admin, caller, id);
  }

  @Route({
    method: 'POST', path: 'person-exports/:id/links', summary: 'Makes the link by which the person fetches their copy', description: 'Each file can be fetched once. A new link ends the former. Send it only to the person: whoever has it reads everything in full.',
    requires: ['reveal', 'personalData'], status: 201, isResult: true, gives: personExportLinkSchema, errors: ['NOT_FOUND', 'CONFLICT'], example: { url: 'https://data.example.com/privacy/default/exports/x-1?token=…', expiresAt: '2026-12-01T08:00:00.000Z' },
  })
  mintLink(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string): Promise<PersonExportLink> {
    return mintExportLink(this.admin, caller, id);
  }
}
