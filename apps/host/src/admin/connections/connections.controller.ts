import { Body, Controller, Inject, Param, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { idSchema } from '../http/id-schema.js';
import { IfMatch, OptionalIfMatch } from '../http/if-match.js';
import { pageOf, pageQuerySchema, type Page, type PageQuery } from '../http/page.js';
import { Route } from '../http/route.js';
import { connectionEffects } from './connection-effects.js';
import { connectionChangeSchema, newConnectionSchema, newUserTokenKeySchema, newWriteKeySchema, type ConnectionChange, type NewConnection, type NewUserTokenKeyBody, type NewWriteKeyBody } from './connection-bodies.js';
import { connectionSchema, shownUserTokenKeySchema, shownWriteKeySchema, type ConnectionView, type ShownUserTokenKey, type ShownWriteKey } from './connection-view.js';
import {
  addWriteKey, changeConnection, createConnection, enableConnection, getConnection, listConnections, pauseConnection, removeWriteKey,
} from './connections.js';
import { deleteConnection } from './delete-connection.js';
import { deliveryMetricsQuerySchema, deliveryMetricsSchema, readDeliveryMetrics, type DeliveryMetrics, type DeliveryMetricsQuery } from './delivery-metrics.js';
import { tailConnection } from './tail-connection.js';
import { connectionTestSchema, testConnection, type ConnectionTest } from './test-connection.js';
import { addUserTokenKey, removeUserTokenKey } from './user-token-keys.js';

const example: ConnectionView = {
  id: 'online-shop', version: 3, kind: 'source', name: 'Online shop', pluginId: 'web', capability: 'events', status: 'enabled', settings: {}, problem: null,
  provenance: { collection: 'first-party', statement: 'Collected by our own shop after the visitor agreed.' }, agreementId: 'privacy-notice', collectionPurpose: null,
  withoutBasis: 'refuse', consentCategories: {}, unknownEvents: 'accept', trackingPlan: null, defaultCountry: 'CN', profilePurpose: 'personalisation', userTokenKeys: [], writeKeys: [{ id: 'wk-1', name: 'Browser', kind: 'public', hint: 'k9Qe', createdAt: '2026-11-24T08:00:00.000Z' }],
  createdAt: '2026-11-24T08:00:00.000Z', updatedAt: '2026-11-24T08:05:00.000Z',
};
const DESTINATION_EXAMPLE = `
\`\`\`json
{ "kind": "destination", "id": "crm", "name": "CRM", "pluginId": "hubspot", "recipient": "processor", "country": "DE",
  "settings": { "accessToken": "pat-eu1-…", "portalId": "62515" } }
\`\`\``;
const DELIVERY_METRICS_EXAMPLE: DeliveryMetrics = {
  at: '2026-11-24T08:10:00.000Z', deliveries: 43, sent: 38, blocked: { 'no-consent': 2 }, failed: { 'invalid-payload': 1 }, cancelled: {}, pending: 2, queueAgeMs: 840,
  lastHour: { retried: { 'rate-limited': 3 }, latencyMs: { count: 42, p50: 41, p95: 120, p99: 310 } },
};
const SAVE_ERRORS = ['UNKNOWN_PLUGIN', 'INVALID_SETTINGS', 'DESTINATION_ADDRESS_FORBIDDEN', 'CONFLICT'] as const;
const PROVENANCE_ERRORS = ['PROVENANCE_MISSING', 'PROVENANCE_THIRD_PARTY'] as const;

@ApiTags('Connections')
@Controller('admin/v1/connections')
export class ConnectionsController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({ method: 'GET', summary: 'Lists the connections', requires: ['read', 'connection'], gives: pageOf(connectionSchema), example: { items: [example], nextCursor: null } })
  list(@CallerOf() caller: Caller, @Query({ schema: pageQuerySchema }) query: PageQuery): Promise<Page<ConnectionView>> {
    return listConnections(this.admin, caller, query);
  }

  @Route({
    method: 'POST', summary: 'Makes a connection', description: `It begins as a draft. Secrets are encrypted and never shown again. The example below is a source. A destination says who receives; \`both\` has the fields of both:\n${DESTINATION_EXAMPLE}`, isOneMoment: true, requires: ['create', 'connection'], status: 201,
    gives: connectionSchema, errors: SAVE_ERRORS, example: { ...example, status: 'draft', version: 1 },
  })
  create(@CallerOf() caller: Caller, @Body({ schema: newConnectionSchema }) connection: NewConnection): Promise<ConnectionView> {
    return createConnection(this.admin, caller, connection);
  }

  @Route({ method: 'GET', path: ':id', summary: 'One connection', requires: ['read', 'connection'], gives: connectionSchema, errors: ['NOT_FOUND'], example })
  get(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string): Promise<ConnectionView> {
    return getConnection(this.admin, caller, id);
  }

  @Route({
    method: 'PUT', path: ':id', summary: 'Changes a connection', description: 'What is left out stays.', isOneMoment: true, requires: ['update', 'connection'], isUpdate: true, dryRun: connectionEffects, gives: connectionSchema,
    errors: [...SAVE_ERRORS, ...PROVENANCE_ERRORS], example,
  })
  update(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @IfMatch() ifMatch: number, @Body({ schema: connectionChangeSchema }) change: ConnectionChange): Promise<ConnectionView> {
    return changeConnection(this.admin, caller, id, ifMatch, change);
  }

  @Route({ method: 'DELETE', path: ':id', summary: 'Deletes a connection that is not enabled', description: 'Refused while a flow delivers to it, removals wait for it, or records of it are still to be applied. What else waits is cancelled and counted as `cancelled.connection-deleted`.', requires: ['delete', 'connection'], isUpdate: true, dryRun: connectionEffects, errors: ['CONFLICT', 'RECORDS_WAITING'] })
  delete(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @IfMatch() ifMatch: number): Promise<void> {
    return deleteConnection(this.admin, caller, id, ifMatch);
  }

  @Route({
    method: 'POST', path: ':id/enable', summary: 'Lets data in or out', description: 'A source must state first-party collection and name its agreement.', isOneMoment: true, requires: ['operate', 'connection'], dryRun: connectionEffects,
    gives: connectionSchema, errors: ['NOT_FOUND', 'INVALID_SETTINGS', ...PROVENANCE_ERRORS], example,
  })
  enable(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @OptionalIfMatch() ifMatch: number | undefined): Promise<ConnectionView> {
    return enableConnection(this.admin, caller, id, ifMatch);
  }

  @Route({ method: 'POST', path: ':id/pause', summary: 'Stops a connection', requires: ['operate', 'connection'], dryRun: connectionEffects, gives: connectionSchema, errors: ['NOT_FOUND'], example: { ...example, status: 'paused' } })
  pause(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @OptionalIfMatch() ifMatch: number | undefined): Promise<ConnectionView> {
    return pauseConnection(this.admin, caller, id, ifMatch);
  }

  @Route({
    method: 'POST', path: ':id/test', summary: 'Asks the vendor whether the settings work', requires: ['operate', 'connection'], isResult: true, gives: connectionTestSchema, errors: ['NOT_FOUND', 'UNKNOWN_PLUGIN'],
    example: { outcome: 'failed', code: 'INVALID_CREDENTIALS', detail: 'The destination refused the credentials.', wayOut: 'Enter the credentials of the connection again and replay.' },
  })
  test(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string): Promise<ConnectionTest> {
    return testConnection(this.admin, caller, id);
  }

  @Route({
    method: 'GET', path: ':id/delivery-metrics', summary: 'What became of a destination’s deliveries, and how quick it is', requires: ['read', 'delivery'], gives: deliveryMetricsSchema, errors: ['NOT_FOUND', 'INVALID_REQUEST'],
    description: 'Over all processes: counts from the ledger (`from` and `to` choose by when deliveries were made), times and retries of the last hour from the evidence. `/metrics` has the same per process for Prometheus.',
    example: DELIVERY_METRICS_EXAMPLE,
  })
  deliveryMetrics(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @Query({ schema: deliveryMetricsQuerySchema }) query: DeliveryMetricsQuery): Promise<DeliveryMetrics> {
    return readDeliveryMetrics(this.admin, caller, id, query);
  }

  @Route({
    method: 'GET', path: ':id/tail', summary: 'Follows what a destination is sent, live', requires: ['read', 'delivery'], isAudited: true, produces: 'text/event-stream', gives: z.string(), errors: ['NOT_FOUND', 'INVALID_REQUEST', 'RATE_LIMITED'],
    description: 'Server-sent events `exchange`, each a MaskedExchange: method, origin, status, names of headers and fields, no personal data. From all processes, at most 50 a second of each, for ten minutes; nothing is shown of what was sent before. `end` where you may read no more, with the code.',
    example: 'event: exchange\ndata: {"at":"2026-11-24T08:00:00.000Z","durationMs":41,"request":{"method":"POST","origin":"https://crm.example.com","headers":{"content-type":"application/json"},"fields":["email"]},"response":{"status":204,"headers":{},"fields":[]}}\n\n',
  })
  tail(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    return tailConnection(this.admin, caller, id, request, response);
  }

  @Route({
    method: 'POST', path: ':id/write-keys', summary: 'Makes a write key of a source', requires: ['operate', 'connection'], isResult: true, status: 201, gives: shownWriteKeySchema, errors: ['NOT_FOUND', 'CONFLICT'],
    description: '`public` for pages and apps: its word on who somebody is counts as a claim. `secret` for your own servers. The key is shown this once.',
    example: { id: 'wk-1', name: 'Browser', kind: 'public', hint: 'k9Qe', createdAt: '2026-11-24T08:00:00.000Z', writeKey: 'pk_…', version: 4 },
  })
  addWriteKey(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @Body({ schema: newWriteKeySchema }) key: NewWriteKeyBody): Promise<ShownWriteKey> {
    return addWriteKey(this.admin, caller, id, key);
  }

  @Route({ method: 'DELETE', path: ':id/write-keys/:keyId', summary: 'Revokes a write key', requires: ['operate', 'connection'], gives: connectionSchema, errors: ['NOT_FOUND'], example })
  removeWriteKey(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @Param('keyId', { schema: idSchema }) keyId: string): Promise<ConnectionView> {
    return removeWriteKey(this.admin, caller, id, keyId);
  }

  @Route({
    method: 'POST', path: ':id/user-token-keys', summary: 'Makes a key that signs user tokens of a source', requires: ['operate', 'connection'], isResult: true, status: 201, gives: shownUserTokenKeySchema, errors: ['NOT_FOUND', 'CONFLICT'],
    description: 'Your own server signs with it who is signed in; the page, app or mini-program shows the token to `GET /v1/me`. The secret is shown this once.',
    example: { id: 'utk-1', name: 'Shop server', createdAt: '2026-11-24T08:00:00.000Z', secret: 'b3JkZXJz…', version: 5 },
  })
  addUserTokenKey(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @Body({ schema: newUserTokenKeySchema }) key: NewUserTokenKeyBody): Promise<ShownUserTokenKey> {
    return addUserTokenKey(this.admin, caller, id, key);
  }

  @Route({ method: 'DELETE', path: ':id/user-token-keys/:keyId', summary: 'Revokes a key of user tokens', description: 'Tokens that it has signed are refused within a second.', requires: ['operate', 'connection'], gives: connectionSchema, errors: ['NOT_FOUND'], example })
  removeUserTokenKey(@CallerOf() caller: Caller, @Param('id', { schema: idSchema }) id: string, @Param('keyId', { schema: idSchema }) keyId: string): Promise<ConnectionView> {
    return removeUserTokenKey(this.admin, caller, id, keyId);
  }
}
