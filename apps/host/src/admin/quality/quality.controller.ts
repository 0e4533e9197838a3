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
import { qualityReportSchema, REPORT_EXAMPLE, reportQuerySchema, type QualityReport, type ReportQuery } from './quality-bodies.js';
import { renderQualityPage } from './quality-page.js';
import { qualityReport } from './quality-report.js';

const pageQuerySchema = reportQuerySchema.extend({ language: z.string().max(35).optional().meta({ description: 'Left out, what the browser prefers.' }) });
type PageQuery = z.infer<typeof pageQuerySchema>;

@ApiTags('Quality')
@Controller()
export class QualityController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({
    method: 'GET', path: 'admin/v1/quality/report', summary: 'How good the data is, per source and field over time', description: 'With how every expectation stands at each source, what fails first, and what was told. The same as a page is at `/quality/<workspace>`.',
    requires: ['read', 'expectation'], isResult: true, gives: qualityReportSchema, errors: ['INVALID_REQUEST'], example: REPORT_EXAMPLE,
  })
  report(@CallerOf() { workspaceId }: Caller, @Query({ schema: reportQuerySchema }) query: ReportQuery): Promise<QualityReport> {
    return qualityReport(this.admin, workspaceId, query);
  }

  @Route({
    method: 'GET', path: 'quality/:workspace', summary: 'How good the data is, as a page with plots', requires: ASKS_ITSELF, gives: z.string(), produces: 'text/html', errors: ['UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'RATE_LIMITED', 'INVALID_REQUEST'],
  })
  async page(@Param('workspace', { schema: idSchema }) workspace: string, @Query({ schema: pageQuerySchema }) { language, ...query }: PageQuery, @Req() request: Request, @Res() response: Response): Promise<void> {
    await admitBrowser(this.admin, workspace, 'expectation', request, response);
    const nonce = randomBytes(16).toString('base64');
    const html = renderQualityPage(await qualityReport(this.admin, workspace, query), { language: pageLanguage(language, request.headers['accept-language']), nonce });
    response.setHeader('Content-Security-Policy', `default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`).setHeader('Cache-Control', 'no-store').type('html').send(html);
  }
}
