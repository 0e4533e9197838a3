import { randomBytes } from 'node:crypto';
import { Controller, Inject, Param, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { pageLanguage } from '../../privacy/privacy-texts.js';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { admitBrowser, ASKS_ITSELF } from '../http/admit-browser.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { idSchema } from '../http/id-schema.js';
import { Route } from '../http/route.js';
import { FRESHNESS_EXAMPLE, freshnessQuerySchema, freshnessSchema, type Freshness, type FreshnessQueryBody } from './freshness-bodies.js';
import { renderFreshnessPage } from './freshness-page.js';
import { freshnessReport } from './freshness-report.js';

const pageQuerySchema = freshnessQuerySchema.extend({ language: z.string().max(35).optional().meta({ description: 'Left out, what the browser prefers.' }) });
type PageQuery = z.infer<typeof pageQuerySchema>;

@ApiTags('Balance')
@Controller()
export class FreshnessController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({
    method: 'GET', path: 'admin/v1/freshness', summary: 'How soon each destination has what each source says', requires: ['read', 'balance'], isResult: true, gives: freshnessSchema, errors: ['INVALID_REQUEST'], example: FRESHNESS_EXAMPLE,
    description: 'Per pair of connections, from when a change happened to when its write was confirmed: p50, p95, p99, over the time asked for and by the minute, hour or day. Figures are a few seconds late. The same as a page with plots is at `/freshness/<workspace>`.',
  })
  report(@CallerOf() { workspaceId }: Caller, @Query({ schema: freshnessQuerySchema }) query: FreshnessQueryBody): Promise<Freshness> {
    return freshnessReport(this.admin, workspaceId, query);
  }

  @Route({
    method: 'GET', path: 'freshness/:workspace', summary: 'How soon each destination has what each source says, as a page with plots', requires: ASKS_ITSELF, gives: z.string(), produces: 'text/html', errors: ['UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'RATE_LIMITED', 'INVALID_REQUEST'],
  })
  async page(@Param('workspace', { schema: idSchema }) workspace: string, @Query({ schema: pageQuerySchema }) { language, ...query }: PageQuery, @Req() request: Request, @Res() response: Response): Promise<void> {
    await admitBrowser(this.admin, workspace, 'balance', request, response);
    const nonce = randomBytes(16).toString('base64');
    const html = renderFreshnessPage(await freshnessReport(this.admin, workspace, query), { language: pageLanguage(language, request.headers['accept-language']), nonce });
    response.setHeader('Content-Security-Policy', `default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`).setHeader('Cache-Control', 'no-store').type('html').send(html);
  }
}
