import { Body, Controller, Inject, Param, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { EXPORT_FORMATS } from '@firsthand/pipeline';
import type { Response } from 'express';
import { z } from 'zod';
import { ADMIN, type AdminContext } from '../admin/admin-context.js';
import { idSchema } from '../admin/http/id-schema.js';
import { Route } from '../admin/http/route.js';
import { serveOwnCopy } from './own-copies.js';

const formSchema = z.object({ token: z.string().max(4_000), format: z.enum(EXPORT_FORMATS) }).meta({ id: 'OwnCopyForm', examples: [{ token: '…', format: 'json' }] });
type CopyForm = z.infer<typeof formSchema>;

@ApiTags('Privacy')
@Controller('privacy/:workspace/copies')
export class OwnCopiesController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({
    method: 'POST', path: ':id', summary: 'Fetches one file of a copy of the person’s data from their page, once', description: 'Only from a page that was opened by a one-time code. JSON in the form of `docs/person-export.md`, or a page.', requires: { publicBecause: 'the token of the page is the credential' },
    consumes: 'application/x-www-form-urlencoded', status: 200, gives: z.string(), produces: 'application/json', errors: ['NOT_FOUND', 'UNAUTHENTICATED', 'EXPORT_GONE'], example: '{"format":"firsthand.person-export","formatVersion":1}',
  })
  download(@Param('workspace', { schema: idSchema }) workspaceId: string, @Param('id', { schema: idSchema }) id: string, @Body({ schema: formSchema }) form: CopyForm, @Res() response: Response): Promise<void> {
    return serveOwnCopy(this.admin, { workspaceId, id, ...form }, response);
  }
}
