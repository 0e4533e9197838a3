import type { Readable } from 'node:stream';
import { FirsthandError, type JsonValue } from '@firsthand/domain';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { checkBatch, checkComplexity, MAX_BATCH_BYTES, MAX_EVENT_BYTES } from './check-limits.js';
import { parseJsonBody } from './parse-json-body.js';
import { isObject } from './raw-messages.js';
import { readBody } from './read-body.js';

/** Browsers send text/plain: it needs no preflight, and `sendBeacon` knows nothing else. */
const JSON_TYPES = new Set(['application/json', 'text/plain']);

/**
 * Makes Fastify parse bodies as each route declares in `RouteConfig({ body })`: limits, then JSON, then limits of what is in it. Routes that
 * declare `stream`, and paths that are no route, get nothing read.
 */
export function parseContent(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', (request: FastifyRequest, payload: Readable) => parse(request, payload));
}

async function parse(request: FastifyRequest, payload: Readable): Promise<unknown> {
  const kind = request.routeOptions.config.body;
  if (kind === undefined || kind === 'stream') return payload;
  const contentType = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (!JSON_TYPES.has(contentType)) throw new FirsthandError('UNSUPPORTED_MEDIA_TYPE');
  const bytes = await readBody(payload, { encoding: request.headers['content-encoding'], maxBytes: kind === 'batch' ? MAX_BATCH_BYTES : MAX_EVENT_BYTES });
  request.bodyBytes = bytes.length;
  const body = parseJsonBody(bytes);
  checkContent(body, bytes.length);
  return body;
}

function checkContent(body: JsonValue, bytes: number): void {
  if (!isObject(body) || !Array.isArray(body.batch)) return checkComplexity(body);
  const { batch, ...rest } = body;
  checkComplexity(rest);
  checkBatch(batch, bytes);
}
