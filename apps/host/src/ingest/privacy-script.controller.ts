import { hash } from 'node:crypto';
import { Controller, Get, Inject, Param, Query, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiProduces, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { hashWriteKey } from '@firsthand/access';
import { FirsthandError } from '@firsthand/domain';
import { bundlePrivacyScript, type PrivacyNotice } from '@firsthand/privacy-script';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { PublicRoute } from '../boot/public-route.js';
import { ApiAnswer, ApiProblems } from './data-plane-docs.js';
import { INGEST_DEPENDENCIES, type IngestDependencies } from './ingest-dependencies.js';
import { NOTICE_WORDS } from './notice-words.js';
import { privacyNotice } from './privacy-notice.js';

/** Long enough that a visit asks once for each page, short enough that a new version is asked about within a minute. */
const NOTICE_MAX_AGE_SECONDS = 60;
const SCRIPT_MAX_AGE_SECONDS = 3_600;

const text = z.string();
const noticeSchema: z.ZodType<PrivacyNotice> = z.object({
  agreementId: text, version: z.int(), asksAgainBelow: z.int().meta({ description: 'The newest material version: an answer to an older one is over.' }),
  language: text, textHash: text.meta({ description: 'SHA-256 (hex) of the text in UTF-8.' }), text,
  wordsLanguage: text, words: z.object({ title: text, intro: text, acceptAll: text, refuseAll: text, save: text, open: text, close: text, fullText: text, noConsent: text, more: text, gpc: text }),
  asked: z.array(z.object({ key: text.meta({ description: 'The category that an answer is sent under.' }), name: text, description: text, expiresAfterDays: z.int().nullable(), isRefusedByGpc: z.boolean() })),
  told: z.array(z.object({ name: text, description: text, basis: text })),
  collectionKeys: z.array(text).nullable().meta({ description: 'The categories of which tracking waits for a yes to one; null where something of it rests on another ground.' }), privacyUrl: text,
}).meta({ id: 'PrivacyNotice' });

const example: PrivacyNotice = {
  agreementId: 'privacy-notice', version: 2, asksAgainBelow: 2, language: 'en', textHash: 'f2ca1bb6c7e907d06dafe4687e579fce76b37e4e93b7605022da52e6ccc26fd2', text: 'We use your contact data …', wordsLanguage: 'en', words: NOTICE_WORDS.en,
  asked: [{ key: 'analytics', name: 'Statistics', description: 'We count which pages are read.', expiresAfterDays: 365, isRefusedByGpc: false }],
  told: [{ name: 'Orders', description: 'We send what you have bought.', basis: 'a contract with you' }], collectionKeys: ['analytics'], privacyUrl: 'https://data.example.com/privacy/main?lang=en',
};

/** The script for the brand's own site, and what it asks for at start. */
@ApiTags('Privacy')
@Controller()
export class PrivacyScriptController {
  constructor(@Inject(INGEST_DEPENDENCIES) private readonly plane: IngestDependencies) {}

  @Get('privacy.js')
  @PublicRoute('it is the same for everybody and holds nothing of anybody')
  @ApiOperation({ summary: 'The script that asks visitors of a site', description: 'Shows the notice, holds tracking until there is an answer, hands the answer on. docs/integrators.md says how to put it into a page.' })
  @ApiProduces('text/javascript')
  @ApiResponse({ status: 200, description: 'The script.', content: { 'text/javascript': { schema: { type: 'string' }, example: '(()=>{…})();' } } })
  script(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    const { code, integrity } = bundlePrivacyScript();
    // A page may pin it (Subresource Integrity), and a page that isolates itself may load it.
    void reply.header('access-control-allow-origin', '*').header('cross-origin-resource-policy', 'cross-origin').header('x-content-type-options', 'nosniff');
    answerCached(request, reply, { body: code, type: 'text/javascript; charset=utf-8', tag: integrity, maxAgeSeconds: SCRIPT_MAX_AGE_SECONDS });
  }

  @Get('v1/projects/:writeKey/notice')
  @PublicRoute('the write key in the path is the credential')
  @ApiOperation({ summary: 'What the script for sites shows and decides by', description: 'The newest version of the agreement of the connection, in the best language that there is. Holds nothing of a person. Public write keys only.' })
  @ApiParam({ name: 'writeKey', example: 'pk_…' })
  @ApiQuery({ name: 'lang', required: false, description: 'BCP 47.', example: 'zh-CN' })
  @ApiAnswer(noticeSchema, { description: 'The notice.', example })
  @ApiProblems(401, 404, 503)
  siteNotice(@Param('writeKey') writeKey: string, @Query('lang') language: unknown, @Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    const body = JSON.stringify(this.noticeOf(writeKey, typeof language === 'string' ? language : 'en'));
    answerCached(request, reply, { body, type: 'application/json; charset=utf-8', tag: hash('sha256', body, 'base64'), maxAgeSeconds: NOTICE_MAX_AGE_SECONDS });
  }

  private noticeOf(writeKey: string, language: string): PrivacyNotice {
    const owner = this.plane.configuration.writeKeyOwner(hashWriteKey(writeKey) ?? '');
    if (owner?.kind !== 'public') throw new FirsthandError('UNAUTHENTICATED', 'Browsers use a public write key.');
    const configuration = this.plane.configuration.workspace(owner.workspaceId);
    const connection = configuration.sources.get(owner.connectionId);
    if (connection === undefined) throw new FirsthandError('UNAVAILABLE', 'The connection of this write key cannot be used now; GET /admin/v1/connections tells why.', [], { retryAfterSeconds: 30 });
    const notice = privacyNotice({ configuration, connection, language, publicUrl: this.plane.publicUrl });
    if (notice === undefined) throw new FirsthandError('NOT_FOUND', 'The connection of this write key has no agreement with a published version.');
    return notice;
  }
}

interface Cached {
  body: string;
  type: string;
  tag: string;
  maxAgeSeconds: number;
}

/** Answers with the body, or that the caller has it already (RFC 9110 section 13.1.2). */
function answerCached({ headers }: FastifyRequest, reply: FastifyReply, { body, type, tag, maxAgeSeconds }: Cached): void {
  const etag = `"${tag}"`;
  void reply.header('cache-control', `public, max-age=${maxAgeSeconds}`).header('etag', etag);
  // A proxy that compresses makes it a weak one.
  const isKnown = (headers['if-none-match'] ?? '').split(',').some((known) => known.trim().replace(/^W\//, '') === etag);
  void (isKnown ? reply.status(304).send() : reply.type(type).send(body));
}
