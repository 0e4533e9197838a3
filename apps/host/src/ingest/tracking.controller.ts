import { Body, Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { ApiBasicAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { JsonValue } from '@firsthand/domain';
import type { BodyKind, CallerRequest } from './caller.js';
import { WriteKeyFor } from './data-plane.guard.js';
import { ApiAccepted, ApiProblems } from './data-plane-docs.js';
import { INGEST_DEPENDENCIES, type IngestDependencies } from './ingest-dependencies.js';
import { takeMessages, type Accepted } from './take-messages.js';
import { batchSchema, trackingCallSchemas as schemas, type BatchCall, type TrackingCall, type TrackingCallType } from './tracking-call.js';

const ONE_EVENT = { body: 'event' satisfies BodyKind };
const BATCH = { body: 'batch' satisfies BodyKind };

/** The Segment-compatible tracking API: each call by its long path, and by the short one that browser SDKs use. */
@ApiTags('Tracking')
@ApiBasicAuth('write-key')
@ApiProblems(400, 401, 403, 413, 415, 422, 429, 503)
@WriteKeyFor('trackingApi')
@Controller('v1')
export class TrackingController {
  constructor(@Inject(INGEST_DEPENDENCIES) private readonly plane: IngestDependencies) {}

  @Post(['track', 't']) @HttpCode(200) @RouteConfig(ONE_EVENT)
  @ApiOperation({ summary: 'What a person did' }) @ApiAccepted()
  track(@Body({ schema: schemas.track }) call: TrackingCall, @Req() request: CallerRequest): Promise<Accepted> {
    return this.one('track', call, request);
  }

  @Post(['identify', 'i']) @HttpCode(200) @RouteConfig(ONE_EVENT)
  @ApiOperation({ summary: 'Who a person is' }) @ApiAccepted()
  identify(@Body({ schema: schemas.identify }) call: TrackingCall, @Req() request: CallerRequest): Promise<Accepted> {
    return this.one('identify', call, request);
  }

  @Post(['page', 'p']) @HttpCode(200) @RouteConfig(ONE_EVENT)
  @ApiOperation({ summary: 'A page that a person viewed' }) @ApiAccepted()
  page(@Body({ schema: schemas.page }) call: TrackingCall, @Req() request: CallerRequest): Promise<Accepted> {
    return this.one('page', call, request);
  }

  @Post(['screen', 's']) @HttpCode(200) @RouteConfig(ONE_EVENT)
  @ApiOperation({ summary: 'A screen of an app that a person viewed' }) @ApiAccepted()
  screen(@Body({ schema: schemas.screen }) call: TrackingCall, @Req() request: CallerRequest): Promise<Accepted> {
    return this.one('screen', call, request);
  }

  @Post(['group', 'g']) @HttpCode(200) @RouteConfig(ONE_EVENT)
  @ApiOperation({ summary: 'The organisation or household of a person' }) @ApiAccepted()
  group(@Body({ schema: schemas.group }) call: TrackingCall, @Req() request: CallerRequest): Promise<Accepted> {
    return this.one('group', call, request);
  }

  @Post(['alias', 'a']) @HttpCode(200) @RouteConfig(ONE_EVENT)
  @ApiOperation({ summary: 'Two ids of one person' }) @ApiAccepted()
  alias(@Body({ schema: schemas.alias }) call: TrackingCall, @Req() request: CallerRequest): Promise<Accepted> {
    return this.one('alias', call, request);
  }

  @Post(['batch', 'b']) @HttpCode(200) @RouteConfig(BATCH)
  @ApiOperation({ summary: 'Many calls in one request' }) @ApiAccepted()
  batch(@Body({ schema: batchSchema }) { batch, sentAt, context }: BatchCall, @Req() request: CallerRequest): Promise<Accepted> {
    return takeMessages(request, batch as JsonValue[], { sentAt: sentAt as JsonValue, context: context as JsonValue }, this.plane);
  }

  private one(type: TrackingCallType, call: TrackingCall, request: CallerRequest): Promise<Accepted> {
    return takeMessages(request, [call as JsonValue], { type }, this.plane);
  }
}
