import { applyDecorators } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import { ERROR_TABLE, type ErrorCode } from '@firsthand/domain';
import type { z } from 'zod';
import { acceptedSchema } from './take-messages.js';

const PROBLEM_SCHEMA = {
  type: 'object',
  required: ['type', 'title', 'status', 'code', 'wayOut', 'requestId'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string', description: 'Stable; see docs/errors.md.' },
    wayOut: { type: 'string', description: 'What to do about it.' },
    errors: { type: 'array', items: { type: 'object', properties: { path: { type: 'string' }, message: { type: 'string' } } } },
    requestId: { type: 'string' },
  },
};

/** Of each status the code that callers meet most. */
const SHOWN: Readonly<Record<number, ErrorCode>> = {
  400: 'INVALID_REQUEST', 401: 'UNAUTHENTICATED', 403: 'CONNECTION_DISABLED', 404: 'NOT_FOUND', 405: 'METHOD_NOT_ALLOWED', 413: 'PAYLOAD_TOO_LARGE', 415: 'UNSUPPORTED_MEDIA_TYPE', 422: 'PROVENANCE_MISSING', 429: 'RATE_LIMITED', 503: 'UNAVAILABLE',
};

/** Documents the problems that a route can answer, with an example each. */
export function ApiProblems(...statuses: number[]): ClassDecorator & MethodDecorator {
  return applyDecorators(...statuses.map((status) => {
    const code = SHOWN[status] ?? 'INTERNAL';
    const { title, wayOut } = ERROR_TABLE[code];
    const example = { type: `urn:firsthand:error:${code}`, title, status, code, wayOut, requestId: '5b6c7a1e-0' };
    return ApiResponse({ status, description: title, content: { 'application/problem+json': { schema: PROBLEM_SCHEMA, example } } });
  }));
}

/** Documents what a route answers when all is well, as JSON. */
export function ApiAnswer<Schema extends z.ZodType>(schema: Schema, { description, example }: { description: string; example: z.infer<Schema> }): MethodDecorator {
  return ApiResponse({ status: 200, description, standardSchema: schema, example });
}

/** Documents the answer of the tracking API. */
export function ApiAccepted(): MethodDecorator {
  return ApiAnswer(acceptedSchema, { description: 'Stored. Valid messages are applied within moments, others are quarantined.', example: { success: true } });
}
