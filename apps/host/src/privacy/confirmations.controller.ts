import { Body, Controller, Headers, Inject, Ip, Param, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { z } from 'zod';
import { ADMIN, type AdminContext } from '../admin/admin-context.js';
import { idSchema } from '../admin/http/id-schema.js';
import { Route } from '../admin/http/route.js';
import { confirmByForm, openByCode, showConfirmation, type ConfirmationCodeForm, type ConfirmationForm, type ConfirmationQuery } from './serve-confirmation.js';

const token = z.string().max(4_000);
const lang = z.string().max(35).optional();
const querySchema = z.object({ token: token.default('').meta({ description: 'Of the link.' }), lang });
const formSchema = z.object({ token, lang, ask: z.union([z.string().max(200), z.array(z.string().max(200)).max(50)]).meta({ description: 'What the page showed.' }) })
  .meta({ id: 'ConfirmationForm', examples: [{ token: '…', lang: 'en', ask: 'r-1' }] });
const codeFormSchema = z.object({ contact: z.string().min(1).max(256).meta({ description: 'The number that the message went to, with its country code.' }), code: z.string().min(1).max(20), lang }).meta({ id: 'ConfirmationCodeForm', examples: [{ contact: '+8613800138000', code: '01234567', lang: 'zh-CN' }] });
const OPENED_BY_TOKEN = { publicBecause: 'the token of the link is the credential' } as const;

@ApiTags('Privacy')
@Controller('privacy/:workspace/confirmations')
export class ConfirmationsController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({
    method: 'GET', summary: 'The page on which a person confirms what was agreed to in their name', description: 'Changes nothing: mail scanners open links. Without a token it asks for the code of a text message.', requires: OPENED_BY_TOKEN, gives: z.string(), produces: 'text/html', errors: ['NOT_FOUND'],
  })
  show(@Param('workspace', { schema: idSchema }) workspaceId: string, @Query({ schema: querySchema }) query: ConfirmationQuery, @Headers('accept-language') language: string | undefined, @Res() response: Response): Promise<void> {
    return showConfirmation(this.admin, { workspaceId, query, language }, response);
  }

  @Route({
    method: 'POST', path: 'codes', summary: 'Leads on to what a text message asks to confirm, by its code', description: 'A code opens once, for a day, in five tries. It confirms nothing by itself.', requires: { publicBecause: 'the code is the credential, once' }, consumes: 'application/x-www-form-urlencoded', status: 303,
    errors: ['NOT_FOUND', 'RATE_LIMITED'],
  })
  open(@Param('workspace', { schema: idSchema }) workspaceId: string, @Body({ schema: codeFormSchema }) form: ConfirmationCodeForm, @Headers('accept-language') language: string | undefined, @Ip() address: string, @Res() response: Response): Promise<void> {
    return openByCode(this.admin, { workspaceId, form, language, address }, response);
  }

  @Route({
    method: 'POST', summary: 'Confirms it, once', description: 'What was refused meanwhile is left out.', requires: OPENED_BY_TOKEN, consumes: 'application/x-www-form-urlencoded', status: 200, gives: z.string(), produces: 'text/html', errors: ['NOT_FOUND'],
  })
  confirm(@Param('workspace', { schema: idSchema }) workspaceId: string, @Body({ schema: formSchema }) form: ConfirmationForm, @Headers('accept-language') language: string | undefined, @Res() response: Response): Promise<void> {
    return confirmByForm(this.admin, { workspaceId, form, language }, response);
  }
}
