import { Body, Controller, Headers, Inject, Param, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { REQUEST_KINDS } from '@firsthand/domain';
import type { Response } from 'express';
import { z } from 'zod';
import { ADMIN, type AdminContext } from '../admin/admin-context.js';
import { idSchema } from '../admin/http/id-schema.js';
import { Route } from '../admin/http/route.js';
import { cancelOwnRequest, liftOwnRestriction, openOwnRequest } from './page-requests.js';
import { pageLanguage } from './privacy-texts.js';
import { leadBack } from './serve-privacy-page.js';

const token = z.string().max(4_000);
const lang = z.string().max(35).optional();
const purpose = z.string().max(100);
const openSchema = z.looseObject({ token, lang, kind: z.enum(REQUEST_KINDS), text: z.string().max(2_000).default(''), purposes: z.union([purpose, z.array(purpose).max(50)]).optional().meta({ description: 'Of an objection: to what.' }) }).meta({ id: 'OwnRequestForm', examples: [{ token: '…', lang: 'en', kind: 'rectification', text: 'I have moved.' }] });
const cancelSchema = z.object({ token, lang }).meta({ id: 'OwnRequestCancelForm', examples: [{ token: '…', lang: 'en' }] });
type OpenForm = z.infer<typeof openSchema>;
type TokenForm = z.infer<typeof cancelSchema>;
const form = { method: 'POST', requires: { publicBecause: 'the token of the form is the credential' }, consumes: 'application/x-www-form-urlencoded', status: 303 } as const;

@ApiTags('Privacy')
@Controller('privacy/:workspace/requests')
export class OwnRequestsController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({ ...form, summary: 'Opens a request of the person', description: 'One of the same kind that is still open is not opened again. Of a rectification, `right-` and the name of a field holds what is right. A restriction, and an objection that names purposes, take effect at once.', errors: ['NOT_FOUND', 'UNAUTHENTICATED', 'CONFLICT', 'PERSON_ERASED'] })
  async open(@Param('workspace', { schema: idSchema }) workspaceId: string, @Body({ schema: openSchema }) body: OpenForm, @Headers('accept-language') language: string | undefined, @Res() response: Response): Promise<void> {
    const saved = await openOwnRequest(this.admin, await this.admin.privacyLinks.open(body.token, workspaceId), { kind: body.kind, text: body.text, purposes: [body.purposes ?? []].flat(), language: pageLanguage(body.lang, language), form: body });
    leadBack(response, { workspaceId, token: body.token, lang: body.lang, language, saved });
  }

  @Route({ ...form, path: ':id/cancel', summary: 'Takes a request of the person back', errors: ['NOT_FOUND', 'UNAUTHENTICATED', 'REQUEST_TRANSITION', 'CONFLICT'] })
  async cancel(@Param('workspace', { schema: idSchema }) workspaceId: string, @Param('id', { schema: idSchema }) id: string, @Body({ schema: cancelSchema }) body: TokenForm, @Headers('accept-language') language: string | undefined, @Res() response: Response): Promise<void> {
    await cancelOwnRequest(this.admin, await this.admin.privacyLinks.open(body.token, workspaceId), id);
    leadBack(response, { workspaceId, token: body.token, lang: body.lang, language, saved: 'cancelled' });
  }

  @Route({ ...form, path: 'lift-restriction', summary: 'Lifts the restriction of all use of the person’s data', errors: ['NOT_FOUND', 'UNAUTHENTICATED', 'PERSON_ERASED'] })
  async lift(@Param('workspace', { schema: idSchema }) workspaceId: string, @Body({ schema: cancelSchema }) body: TokenForm, @Headers('accept-language') language: string | undefined, @Res() response: Response): Promise<void> {
    await liftOwnRestriction(this.admin, await this.admin.privacyLinks.open(body.token, workspaceId));
    leadBack(response, { workspaceId, token: body.token, lang: body.lang, language, saved: '1' });
  }
}
