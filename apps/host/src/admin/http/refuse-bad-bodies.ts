import { checkJsonLimits, FirsthandError, type JsonValue } from '@firsthand/domain';
import type { NextFunction, Request, Response } from 'express';
import { isImport } from './read-import.js';

/** Far more than any document of the admin plane has, far less than what overflows a stack. */
const LIMITS = { maxDepth: 100, maxKeys: 100_000 };
/** A whole configuration has many documents. */
const IMPORT_LIMITS = { ...LIMITS, maxKeys: 1_000_000 };

const JSON_TYPE = /^application\/json\s*(?:;|$)/i;
const CSV_TYPE = /^text\/csv\s*(?:;|$)/i;
const LIST_PATH = /^\/admin\/v1\/segments\/[^/]+\/list$/;
const FORM_TYPE = /^application\/x-www-form-urlencoded\s*(?:;|$)/i;

/** Refuses a body that nothing here would read: a route would call it missing. Forms are sent by the pages alone, CSV as lists. */
export function refuseForeignTypes({ headers, path }: Request, _response: Response, next: NextFunction): void {
  // RFC 9112, section 6: one of the two headers tells that there is a body.
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  const type = headers['content-type'] ?? '';
  const isRead = JSON_TYPE.test(type) || (FORM_TYPE.test(type) && /^\/(?:privacy|account)\//.test(path)) || (CSV_TYPE.test(type) && LIST_PATH.test(path));
  next(hasBody && !isRead ? new FirsthandError('UNSUPPORTED_MEDIA_TYPE') : undefined);
}

/** Refuses a parsed body that is nested too deep or has too many keys, before anything walks through it: PAYLOAD_TOO_COMPLEX. */
export function refuseComplexBodies(request: Request, _response: Response, next: NextFunction): void {
  const limits = isImport(request) ? IMPORT_LIMITS : LIMITS;
  const isTooComplex = checkJsonLimits((request.body ?? null) as JsonValue, limits) !== null;
  next(isTooComplex ? new FirsthandError('PAYLOAD_TOO_COMPLEX', `A body here takes ${limits.maxDepth} levels and ${limits.maxKeys} keys.`) : undefined);
}

/** Gives a body that cannot be inflated, or is no JSON, its own code; Nest would call it any bad request. */
export function nameBrokenBodies(error: unknown, request: Request, _response: Response, next: NextFunction): void {
  next(isBodyError(error) ? nameOf(error, request.headers['content-encoding']) : error);
}

/** What body-parser refuses. It gives each a type, all but what it hears from zlib. */
interface BodyError {
  status: number;
  type?: unknown;
}

function isBodyError(error: unknown): error is BodyError {
  return typeof error === 'object' && error !== null && 'status' in error && typeof error.status === 'number';
}

function nameOf(error: BodyError, encoding: string | undefined): unknown {
  if (error.type === 'entity.parse.failed') return new FirsthandError('MALFORMED_JSON');
  const isInflated = encoding !== undefined && encoding.toLowerCase() !== 'identity';
  return error.status === 400 && error.type === undefined && isInflated ? new FirsthandError('MALFORMED_ENCODING') : error;
}
