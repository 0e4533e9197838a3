import { Body, Controller, Headers, Inject, Ip, Param, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { ADMIN, type AdminContext } from '../admin/admin-context.js';
import { idSchema } from '../admin/http/id-schema.js';
import { Route } from '../admin/http/route.js';
import { answerConfirm, answerCode, type CodeForm, type ConfirmForm } from './serve-codes.js';

const contact = z.string().min(1).max(256).meta({ description: 'An email address, or a phone number with its country code.' });
const lang = z.string().max(35).optional();
const codeFormSchema = z.object({ contact, lang }).meta({ id: 'PrivacyCodeForm', examples: [{ contact: 'ana@example.com', lang: 'en' }] });
const confirmFormSchema = z.object({ contact, lang, code: z.string().min(1).max(20) }).meta({ id: 'PrivacyCodeConfirmForm', examples: [{ contact: 'ana@example.com', code: '01234567' }] });
const sentSchema = z.object({ expiresAt: z.iso.datetime() }).meta({ id: 'PrivacyCodeSent' });
const openedSchema = z.object({ url: z.string(), expiresAt: z.iso.datetime() }).meta({ id: 'PrivacyPageOpened' });
const consumes = ['application/json', 'application/x-www-form-urlencoded'];

@ApiTags('Privacy')
@Controller('privacy/:workspace/codes')
export class PrivacyCodesController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({
    method: 'POST', summary: 'Sends a one-time code to an address or number that is known', description: 'The answer is the same, known or not. A form is answered with the page that asks for the code.', requires: { publicBecause: 'it tells nothing to who asks; the code goes to the person' },
    consumes, status: 202, gives: sentSchema, example: { expiresAt: '2026-11-24T08:10:00.000Z' }, errors: ['NOT_FOUND', 'RATE_LIMITED', 'UNAVAILABLE'],
  })
  send(@Param('workspace', { schema: idSchema }) workspaceId: string, @Body({ schema: codeFormSchema }) form: CodeForm, @Headers('accept-language') language: string | undefined, @Ip() address: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    return answerCode(this.admin, { workspaceId, form, language, address, isForm: request.is('application/json') === false }, response);
  }

  @Route({
    method: 'POST', path: 'confirm', summary: 'Opens the person’s page by their code, for half an hour', description: 'A form is led on to the page.', requires: { publicBecause: 'the code is the credential, once' },
    consumes, gives: openedSchema, example: { url: 'https://data.example.com/privacy/default?token=…', expiresAt: '2026-11-24T08:40:00.000Z' }, errors: ['NOT_FOUND', 'UNAUTHENTICATED', 'RATE_LIMITED'],
  })
  confirm(@Param('workspace', { schema: idSchema }) workspaceId: string, @Body({ schema: confirmFormSchema }) form: ConfirmForm, @Headers('accept-language') language: string | undefined, @Ip() address: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    return answerConfirm(this.admin, { workspaceId, form, language, address, isForm: request.is('application/json') === false }, response);
  }
}
