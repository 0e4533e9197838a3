import type { Readable } from 'node:stream';
import { applyDecorators, Controller, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { FirsthandError } from '@firsthand/domain';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PublicRoute } from '../boot/public-route.js';
import type { BodyKind } from './caller.js';
import { ApiProblems } from './data-plane-docs.js';
import { INGEST_DEPENDENCIES, type IngestDependencies } from './ingest-dependencies.js';
import { readWholeBody } from './read-body.js';
import { takeWebhook, type WebhookConnection } from './take-webhook.js';
import { toWebhookRequest } from './webhook-request.js';

const STREAM = { body: 'stream' satisfies BodyKind };
const BROKEN = 'The connection cannot be used now; GET /admin/v1/connections tells why.';
const DEFAULT_MAX_BYTES = 1024 * 1024;
const ANSWERS = {
  'application/json': { schema: { type: 'object', properties: { status: { type: 'string', enum: ['ok'] } }, required: ['status'] }, example: { status: 'ok' } },
  'text/plain': { schema: { type: 'string' }, example: 'success' },
};

/** Vendors go on to call what they were given while ids were the whole installation's. */
const SHORT = 'Whose connection of that id is the oldest. Give vendors the longer address.';

const Receives = applyDecorators(
  ApiBody({ required: true, schema: { type: 'object', additionalProperties: true }, examples: { order: { value: { id: 'o-1', total: '19.90' } } } }),
  ApiResponse({ status: 200, description: 'Stored. Some vendors ask for another body.', content: ANSWERS }),
  ApiProblems(400, 401, 403, 404, 413, 422, 503),
);
const ShakesHands = applyDecorators(
  ApiResponse({ status: 200, description: 'The text that the vendor asked for.', content: { 'text/plain': { schema: { type: 'string' }, example: '5837214' } } }),
  ApiProblems(401, 404, 405),
);

/** Webhooks of vendors, each checked by its plugin: by signature, not by write key. */
@ApiTags('Webhooks')
@PublicRoute("the plugin verifies the vendor's signature")
@Controller('hooks')
export class HooksController {
  constructor(@Inject(INGEST_DEPENDENCIES) private readonly plane: IngestDependencies) {}

  @Post(':workspaceId/:connectionId') @RouteConfig(STREAM)
  @ApiOperation({ summary: 'Records of a vendor', description: 'Body, signature and answer are those of the vendor; see the plugin of the connection.' })
  @Receives
  receive(@Param('workspaceId') workspaceId: string, @Param('connectionId') connectionId: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.take(this.find(connectionId, workspaceId), request, reply);
  }

  @Get(':workspaceId/:connectionId')
  @ApiOperation({ summary: "A vendor's check that the address is ours", description: 'Only some vendors do this.' })
  @ShakesHands
  handshake(@Param('workspaceId') workspaceId: string, @Param('connectionId') connectionId: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.answer(this.find(connectionId, workspaceId), new Uint8Array(), request, reply);
  }

  @Post(':connectionId') @RouteConfig(STREAM)
  @ApiOperation({ summary: 'Records of a vendor, at an address of before', description: SHORT, deprecated: true })
  @Receives
  receiveShort(@Param('connectionId') connectionId: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.take(this.find(connectionId), request, reply);
  }

  @Get(':connectionId')
  @ApiOperation({ summary: "A vendor's check, at an address of before", description: SHORT, deprecated: true })
  @ShakesHands
  handshakeShort(@Param('connectionId') connectionId: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.answer(this.find(connectionId), new Uint8Array(), request, reply);
  }

  private async take(webhook: WebhookConnection, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const body = request.body === undefined ? new Uint8Array() : await readWholeBody(request.body as Readable, { encoding: request.headers['content-encoding'], maxBytes: webhook.trigger.maxBodyBytes ?? DEFAULT_MAX_BYTES });
    await this.answer(webhook, body, request, reply);
  }

  private async answer(webhook: WebhookConnection, body: Uint8Array, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { status, contentType, body: text } = await takeWebhook(webhook, toWebhookRequest(request, body, this.plane.publicUrl), this.plane);
    // What a plugin echoes must not be run by a browser.
    await reply.status(status).header('content-type', contentType).header('x-content-type-options', 'nosniff').header('content-security-policy', 'sandbox').send(text);
  }

  private find(connectionId: string, workspaceId?: string): WebhookConnection {
    const owners = this.plane.configuration.workspacesWith(connectionId);
    // An address of the shorter form is whose connection is the oldest: nobody takes it from them by another of its id.
    const owner = workspaceId === undefined ? owners[0] : owners.find((id) => id === workspaceId);
    const configuration = owner === undefined ? undefined : this.plane.configuration.workspace(owner);
    const connection = configuration?.sources.get(connectionId);
    // It is there and cannot be used: vendors give an address up that is not found, and try again where it is away.
    if (configuration !== undefined && connection === undefined && !configuration.destinations.has(connectionId)) throw new FirsthandError('UNAVAILABLE', BROKEN, [], { retryAfterSeconds: 30 });
    if (configuration === undefined || connection?.source.trigger.kind !== 'webhook') throw new FirsthandError('NOT_FOUND', 'No connection with this id takes webhooks.');
    return { configuration, connection, trigger: connection.source.trigger };
  }
}
