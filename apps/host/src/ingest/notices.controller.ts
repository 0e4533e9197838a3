import { Controller, Get, Header, Inject, Query, Req } from '@nestjs/common';
import { ApiBasicAuth, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { FirsthandError, NOTICE_SURFACES } from '@firsthand/domain';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { PublicRoute } from '../boot/public-route.js';
import { ApiAnswer, ApiProblems } from './data-plane-docs.js';
import { INGEST_DEPENDENCIES, type IngestDependencies } from './ingest-dependencies.js';
import { readWriteKeyHash } from './read-write-key.js';

const shownSchema = z.object({
  id: z.string().meta({ description: 'Send it along as `context.consent.servedNotice.id` with the events that carry the decision.' }), agreementId: z.string(), version: z.int(), textHash: z.string(), language: z.string(),
  surface: z.enum(NOTICE_SURFACES), origin: z.string().nullable(), shownAt: z.iso.datetime(),
}).meta({ id: 'ServedNotice' });
type Shown = z.infer<typeof shownSchema>;

const example: Shown = {
  id: 'n1.…', agreementId: 'privacy-notice', version: 2, textHash: 'f2ca1bb6…', language: 'en', surface: 'page', origin: 'https://shop.example', shownAt: '2026-11-24T08:00:00.000Z',
};

/** Gives an id to a notice that is shown on a site or in an app: with it, what somebody decides is proven to be about this text. */
@ApiTags('Tracking')
@ApiBasicAuth('write-key')
@PublicRoute('the write key is the credential')
@Controller('v1')
export class NoticesController {
  constructor(@Inject(INGEST_DEPENDENCIES) private readonly plane: IngestDependencies) {}

  @Get('notice')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'Says that a notice is shown now, and gives it an id', description: 'Call it when the text is shown, once for each showing. Nothing is stored: the id itself says what was shown, and is kept with what somebody decides.' })
  @ApiQuery({ name: 'agreementId' })
  @ApiQuery({ name: 'version', schema: { type: 'integer' } })
  @ApiQuery({ name: 'language', description: 'Of the text, as it was published.' })
  @ApiQuery({ name: 'surface', enum: NOTICE_SURFACES, required: false })
  @ApiAnswer(shownSchema, { description: 'What is shown.', example })
  @ApiProblems(401, 404, 429, 503)
  notice(@Req() request: FastifyRequest, @Query('agreementId') agreementId = '', @Query('version') version = '', @Query('language') language = '', @Query('surface') surface = 'page'): Shown {
    const hash = readWriteKeyHash(request);
    const owner = hash === null ? undefined : this.plane.configuration.writeKeyOwner(hash);
    if (hash === null || owner === undefined) throw new FirsthandError('UNAUTHENTICATED');
    if (owner.kind === 'public') this.plane.limiter.take(hash, 1);
    const origin = request.headers.origin;
    const shown = this.plane.configuration.workspace(owner.workspaceId).notices?.issue({
      agreementId, agreementVersion: Number(version), language, surface: NOTICE_SURFACES.find((one) => one === surface) ?? 'page', origin: origin !== undefined && URL.canParse(origin) ? new URL(origin).origin : null,
      servedAt: this.plane.clock(),
    });
    if (shown === undefined) throw new FirsthandError('NOT_FOUND', 'There is no such version of an agreement in this language.');
    const { agreementVersion, servedAt, ...facts } = shown.notice;
    return { id: shown.id, ...facts, version: agreementVersion, shownAt: new Date(servedAt).toISOString() };
  }
}
