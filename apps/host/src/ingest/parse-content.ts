import type { Readable } from 'node:stream';
import { FirsthandError, type JsonValue } from '@firsthand/domain';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { checkBatch, checkComplexity, MAX_BATCH_BYTES, MAX_EVENT_BYTES } from './check-limits.js';
import { parseJsonBody } from './parse-json-body.js';
import { isObject } from './raw-messages.js';
import { readBody } from './read-body.js';

/** Browsers send text/plain: it needs no preflight, and `sendBeacon` knows nothing else. */
const JSON_TYPE = /^(?:application\/json|text\/plain)\s*(?:;|$)/i;
/** RudderStack's Node SDK calls its gzipped JSON a form. */
const GZIPPED_FORM = /^application\/x-www-form-urlencoded\s*(?:;|$)/i;

type Done = (error: Error | null, body?: unknown) => void;

/**
 * Makes Fastify parse bodies as each route declares in `RouteConfig({ body })`: limits, then JSON, then limits of what is in it. Routes that
 * declare `stream`, and paths that are no route, get nothing read.
 */
export function parseContent(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', parse);
}

function parse(request: FastifyRequest, payload: Readable, done: Done): void {
  const kind = request.routeOptions.config.body;
  if (kind === undefined || kind === 'stream') return done(null, payload);
  const { 'content-type': contentType = '', 'content-encoding': encoding } = request.headers;
  if (!JSON_TYPE.test(contentType) && !(encoding === 'gzip' && GZIPPED_FORM.test(contentType))) return done(new FirsthandError('UNSUPPORTED_MEDIA_TYPE'));
  readBody(payload, { encoding, maxBytes: kind === 'batch' ? MAX_BATCH_BYTES : MAX_EVENT_BYTES }, (error, bytes) => {
    if (bytes === undefined) return done(error);
    request.bodyBytes = bytes.length;
    let body: JsonValue;
    try {
      body = parseJsonBody(bytes);
      checkContent(body, bytes.length);
    } catch (failure) {
      return done(failure as Error);
    }
    done(null, body);
  });
}

function checkContent(body: JsonValue, bytes: number): void {
  if (!isObject(body) || !Array.isArray(body.batch)) return checkComplexity(body);
  const { batch, ...rest } = body;
  checkComplexity(rest);
  checkBatch(batch, bytes);
}
