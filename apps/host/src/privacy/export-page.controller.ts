import { Body, Controller, Headers, Inject, Param, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { EXPORT_FORMATS } from '@firsthand/pipeline';
import type { Response } from 'express';
import { z } from 'zod';
import { ADMIN, type AdminContext } from '../admin/admin-context.js';
import { idSchema } from '../admin/http/id-schema.js';
import { Route } from '../admin/http/route.js';
import { downloadExport, showExportPage } from './serve-export.js';

const token = z.string().max(200);
const querySchema = z.object({ token: token.default('').meta({ description: 'Of the link.' }) });
const formSchema = z.object({ token, format: z.enum(EXPORT_FORMATS) }).meta({ id: 'ExportForm', examples: [{ token: '…', format: 'json' }] });
type ExportForm = z.infer<typeof formSchema>;
const OPENED_BY_TOKEN = { publicBecause: 'the token of the link is the credential' } as const;

@ApiTags('Privacy')
@Controller('privacy/:workspace/exports')
export class ExportPageController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({ method: 'GET', path: ':id', summary: 'The page on which a person fetches the copy of their data', requires: OPENED_BY_TOKEN, gives: z.string(), produces: 'text/html' })
  show(@Param('workspace', { schema: idSchema }) workspaceId: string, @Param('id', { schema: idSchema }) id: string, @Query({ schema: querySchema }) query: { token: string }, @Headers('accept-language') language: string | undefined, @Res() response: Response): Promise<void> {
    return showExportPage(this.admin, { workspaceId, id, token: query.token }, language, response);
  }

  @Route({
    method: 'POST', path: ':id', summary: 'Fetches one file of the copy, once', description: 'JSON in the form of `docs/person-export.md`, or a page.', requires: OPENED_BY_TOKEN, consumes: 'application/x-www-form-urlencoded', status: 200, gives: z.string(), produces: 'application/json',
    errors: ['UNAUTHENTICATED', 'EXPORT_GONE'], example: '{"format":"firsthand.person-export","formatVersion":1}',
  })
  download(@Param('workspace', { schema: idSchema }) workspaceId: string, @Param('id', { schema: idSchema }) id: string, @Body({ schema: formSchema }) form: ExportForm, @Res() response: Response): Promise<void> {
    return downloadExport(this.admin, { workspaceId, id, ...form }, response);
  }
}
