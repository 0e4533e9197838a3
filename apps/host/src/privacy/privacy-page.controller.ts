import { Body, Controller, Headers, Inject, Param, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { z } from 'zod';
import { ADMIN, type AdminContext } from '../admin/admin-context.js';
import { idSchema } from '../admin/http/id-schema.js';
import { Route } from '../admin/http/route.js';
import { savePrivacyForm, serveReceipt, showPrivacyPage, type PrivacyForm, type PrivacyQuery } from './serve-privacy-page.js';

const token = z.string().max(4_000);
const querySchema = z.object({ token: token.optional(), lang: z.string().max(35).optional(), saved: z.string().max(20).optional() });
const receiptQuerySchema = z.object({ token: token.default('').meta({ description: 'Of the link to the page.' }) });
const formSchema = z.looseObject({ token, lang: z.string().max(35).optional(), act: z.enum(['save', 'withdraw']).default('save') })
  .meta({ id: 'PrivacyForm', examples: [{ token: '…', lang: 'en', act: 'save', 'has-purpose-marketing-own': '[false,"notice 1 en"]', 'purpose-marketing-own': 'on' }] });

@ApiTags('Privacy')
@Controller('privacy/:workspace')
export class PrivacyPageController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({
    method: 'GET', summary: 'The notice, and with a personal link the person’s choices', requires: { publicBecause: 'the notice is for everybody; the token of a link opens the choices' }, gives: z.string(), produces: 'text/html', errors: ['NOT_FOUND'],
  })
  show(@Param('workspace', { schema: idSchema }) workspaceId: string, @Query({ schema: querySchema }) query: PrivacyQuery, @Headers('accept-language') language: string | undefined, @Res() response: Response): Promise<void> {
    return showPrivacyPage(this.admin, { workspaceId, query, language }, response);
  }

  @Route({
    method: 'GET', path: 'receipts/:recordId', summary: 'A signed receipt of one of the person’s decisions, to keep', description: 'Verifies with the public keys at `/.well-known/jwks.json` and nothing else.',
    requires: { publicBecause: 'the token of a link is the credential' }, gives: z.string(), produces: 'application/jose', errors: ['NOT_FOUND', 'UNAUTHENTICATED', 'RECORD_NOT_INTACT'],
    example: 'eyJhbGciOiJFZERTQSJ9.eyJqdGkiOiJjLTEifQ.c2lnbmF0dXJl',
  })
  receipt(@Param('workspace', { schema: idSchema }) workspaceId: string, @Param('recordId', { schema: idSchema }) recordId: string, @Query({ schema: receiptQuerySchema }) query: { token: string }, @Res() response: Response): Promise<void> {
    return serveReceipt(this.admin, { workspaceId, recordId, token: query.token }, response);
  }

  @Route({ method: 'POST', summary: 'Saves the person’s choices', requires: { publicBecause: 'the token of the form is the credential' }, consumes: 'application/x-www-form-urlencoded', status: 303, errors: ['NOT_FOUND', 'UNAUTHENTICATED'] })
  save(@Param('workspace', { schema: idSchema }) workspaceId: string, @Body({ schema: formSchema }) form: PrivacyForm, @Headers('accept-language') language: string | undefined, @Res() response: Response): Promise<void> {
    return savePrivacyForm(this.admin, { workspaceId, form, language }, response);
  }
}
