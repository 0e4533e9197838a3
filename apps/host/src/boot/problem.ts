import { types } from 'node:util';
import { HttpException } from '@nestjs/common';
import { ERROR_TABLE, FirsthandError, type ErrorCode, type ErrorPlace } from '@firsthand/domain';

/** The body of every error answer: RFC 9457 with a stable code, the way out, and the places that are wrong. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail?: string;
  code: ErrorCode;
  wayOut: string;
  errors?: readonly ErrorPlace[];
  requestId: string;
}

/** A problem, and what belongs into the headers. */
export interface ProblemAnswer {
  problem: Problem;
  retryAfterSeconds?: number;
}

/** What the frameworks refuse before our code runs, by status. */
const CODE_BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: 'INVALID_REQUEST', 401: 'UNAUTHENTICATED', 403: 'FORBIDDEN', 404: 'NOT_FOUND', 405: 'METHOD_NOT_ALLOWED', 408: 'REQUEST_TIMEOUT', 409: 'CONFLICT', 412: 'VERSION_MISMATCH',
  413: 'PAYLOAD_TOO_LARGE', 414: 'INVALID_REQUEST', 415: 'UNSUPPORTED_MEDIA_TYPE', 422: 'INVALID_REQUEST', 428: 'PRECONDITION_REQUIRED', 429: 'RATE_LIMITED', 503: 'UNAVAILABLE',
};

/**
 * What a caller is told of an error. Anything that was not thrown on purpose is `INTERNAL`, without a word of its message: it may quote data.
 *
 * @example toProblem(new FirsthandError('NOT_FOUND'), 'r-1').problem.status // 404
 */
export function toProblem(error: unknown, requestId: string): ProblemAnswer {
  if (error instanceof FirsthandError) {
    const { code, detail, places, retryAfterSeconds } = error;
    const wait = retryAfterSeconds ?? (error.status === 503 || error.status === 429 ? 1 : undefined);
    return { problem: problem(code, requestId, detail, places), ...(wait === undefined ? {} : { retryAfterSeconds: wait }) };
  }
  const status = refusedStatus(error);
  const code = status === undefined ? 'INTERNAL' : CODE_BY_STATUS[status] ?? (status < 500 ? 'INVALID_REQUEST' : 'INTERNAL');
  return { problem: problem(code, requestId), ...(code === 'UNAVAILABLE' ? { retryAfterSeconds: 1 } : {}) };
}

function problem(code: ErrorCode, requestId: string, detail?: string, places: readonly ErrorPlace[] = []): Problem {
  const { status, title, wayOut } = ERROR_TABLE[code];
  return {
    type: `urn:firsthand:error:${code}`, title, status,
    ...(detail === undefined || detail === title ? {} : { detail }),
    code, wayOut,
    ...(places.length === 0 ? {} : { errors: places }),
    requestId,
  };
}

/** The status with which Nest, Fastify or Express refused a request; undefined for an error of any other kind. */
function refusedStatus(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  // Fastify's errors are no native ones.
  if (!types.isNativeError(error) && !(error instanceof Error)) return undefined;
  const status: unknown = 'statusCode' in error ? error.statusCode : 'status' in error ? error.status : undefined;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
}
