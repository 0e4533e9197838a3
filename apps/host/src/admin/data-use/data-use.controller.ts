import { randomBytes } from 'node:crypto';
import { ENTITIES, LAWFUL_BASES, REFUSED_DAYS } from '@firsthand/domain';
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
import { renderDataUseMarkdown, renderDataUsePage } from './data-use-documents.js';
import { dataUseRegister, type DataUseRegister } from './data-use-register.js';

const querySchema = z.strictObject({ language: z.string().max(35).optional().meta({ description: 'Of names and words; English when left out, and on a page what the browser prefers.' }) });
type LanguageQuery = z.infer<typeof querySchema>;

const sourceSchema = z.object({ connectionId: z.string(), name: z.string(), pluginId: z.string(), statement: z.string(), agreementId: z.string().nullable() });
const basis = z.enum(LAWFUL_BASES);
const keptDays = z.int().nullable().meta({ description: 'Days for which it is kept in fact, by all purposes that cover it, of somebody who has refused nothing; null while the person stays.' });
const registerSchema = z.object({
  workspaceId: z.string(),
  purposes: z.array(z.object({
    key: z.string(), name: z.string(), description: z.string(), lawfulBasis: basis, lawfulBasisIn: z.record(z.string(), basis), dataCategories: z.array(z.string()),
    fields: z.array(z.object({ path: z.string(), description: z.string(), pii: z.string(), retentionDays: z.int().nullable().meta({ description: 'What the dictionary proposes.' }), keptDays: keptDays })),
    kept: z.array(z.object({ category: z.enum(ENTITIES), leastDays: keptDays, mostDays: keptDays, keptBy: z.array(z.string()).meta({ description: 'The purposes for which the longest is kept.' }) })), separateConsent: z.array(z.string()), channels: z.array(z.string()),
    retentionDays: z.int().nullable(), expiresAfterDays: z.int().nullable(), agreements: z.array(z.object({ agreementId: z.string(), version: z.int(), publishedAt: z.number() })),
    collectedBy: z.array(sourceSchema),
    sharedWith: z.array(z.object({ connectionId: z.string(), name: z.string(), recipient: z.enum(['own', 'processor', 'third-party']), country: z.string().nullable(), actions: z.array(z.string()), flows: z.array(z.string()) })),
    segments: z.array(z.string()),
  })),
  refusedDays: z.int().meta({ description: 'Most days after a refusal for which what only the refused purpose covers is kept, unused.' }),
}).meta({ id: 'DataUseRegister' });

const PAGE_ERRORS = ['UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'RATE_LIMITED'] as const;

@ApiTags('Data use')
@Controller()
export class DataUseController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({
    method: 'GET', path: 'admin/v1/data-use-register', summary: 'The data-use register', description: 'Who collects what, through which connection, for which purpose, shared with whom, kept how long: made from what is configured and live.',
    requires: ['read', 'purpose'], gives: registerSchema, example: { workspaceId: 'main', purposes: [], refusedDays: REFUSED_DAYS },
  })
  get(@CallerOf() { workspaceId }: Caller, @Query({ schema: querySchema }) { language }: LanguageQuery): DataUseRegister {
    return dataUseRegister(this.admin.configuration.workspace(workspaceId), language ?? 'en');
  }

  @Route({ method: 'GET', path: 'data-use/:workspace', summary: 'The data-use register as a page', requires: ASKS_ITSELF, gives: z.string(), produces: 'text/html', errors: [...PAGE_ERRORS] })
  async page(@Param('workspace', { schema: idSchema }) workspace: string, @Query({ schema: querySchema }) query: LanguageQuery, @Req() request: Request, @Res() response: Response): Promise<void> {
    const configuration = await admitBrowser(this.admin, workspace, 'purpose', request, response);
    const [language, nonce] = [pageLanguage(query.language, request.headers['accept-language']), randomBytes(16).toString('base64')];
    response.setHeader('Content-Security-Policy', `default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`).setHeader('Cache-Control', 'no-store')
      .type('html').send(renderDataUsePage(dataUseRegister(configuration, language), { language, nonce }));
  }

  @Route({ method: 'GET', path: 'data-use/:workspace/markdown', summary: 'The data-use register as Markdown', requires: ASKS_ITSELF, gives: z.string(), produces: 'text/markdown', errors: [...PAGE_ERRORS] })
  async markdown(@Param('workspace', { schema: idSchema }) workspace: string, @Query({ schema: querySchema }) query: LanguageQuery, @Req() request: Request, @Res() response: Response): Promise<void> {
    const configuration = await admitBrowser(this.admin, workspace, 'purpose', request, response);
    const language = pageLanguage(query.language, request.headers['accept-language']);
    response.setHeader('Cache-Control', 'no-store').type('text/markdown; charset=utf-8').send(renderDataUseMarkdown(dataUseRegister(configuration, language), language));
  }
}
