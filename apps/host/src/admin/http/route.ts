import { applyDecorators, Delete, Get, HttpCode, Post, Put, SetMetadata } from '@nestjs/common';
import { ApiBearerAuth, ApiConsumes, ApiHeader, ApiOperation, ApiProduces, ApiResponse } from '@nestjs/swagger';
import { Requires, type Action, type Subject } from '@firsthand/access';
import { ERROR_TABLE, type ErrorCode } from '@firsthand/domain';
import type { z } from 'zod';
import { PublicRoute } from '../../boot/public-route.js';
import { IS_AUDITED } from './audit.interceptor.js';
import { PROBLEM_SCHEMA, problemExample } from './problem-docs.js';

const VERBS = { GET: Get, POST: Post, PUT: Put, DELETE: Delete };

/** All that is declared of an admin route besides its parameters. */
export interface RouteOptions {
  method: keyof typeof VERBS;
  path?: string;
  summary: string;
  description?: string;
  /** The permission; or the reason why it needs none. */
  requires: readonly [Action, Subject] | { publicBecause: string };
  /** The answer's schema; none for 204. */
  gives?: z.ZodType;
  status?: number;
  /** An answer as it looks. */
  example?: unknown;
  /** Codes beyond those of every route. */
  errors?: readonly ErrorCode[];
  /** Whether it wants If-Match and answers with ETag. */
  isUpdate?: boolean;
  /** Media type of the body, where it is not JSON. */
  consumes?: string;
  /** Media type of the answer, where it is not JSON. */
  produces?: string;
  /** Overrides what is written into the audit log: by default every call that is no GET. */
  isAudited?: boolean;
}

/** One decorator per admin route: verb, permission, audit and its whole part of the OpenAPI document. */
export function Route(options: RouteOptions): MethodDecorator {
  const { method, path = '', requires, isAudited } = options;
  const status = options.status ?? (options.gives === undefined ? 204 : 200);
  const isPublic = 'publicBecause' in requires;
  const permission = isPublic ? `No credentials: ${requires.publicBecause}.` : `Needs the permission \`${requires[0]} ${requires[1]}\`.`;
  return applyDecorators(
    VERBS[method](path),
    HttpCode(status),
    ...(isPublic ? [PublicRoute(requires.publicBecause)] : [Requires(requires[0], requires[1]), ApiBearerAuth('session'), ApiBearerAuth('api-key')]),
    ...(options.consumes === undefined ? [] : [ApiConsumes(options.consumes)]),
    ...(options.produces === undefined ? [] : [ApiProduces(options.produces)]),
    ...(isAudited === undefined ? [] : [SetMetadata(IS_AUDITED, isAudited)]),
    ...(options.isUpdate === true ? [ApiHeader({ name: 'If-Match', required: true, description: 'The version that you read, as in ETag.', example: '"1"' })] : []),
    ApiOperation({ summary: options.summary, description: [options.description, permission].filter((part) => part !== undefined).join('\n\n') }),
    ApiResponse({
      status, description: status === 204 ? 'Done.' : 'The answer.',
      ...(options.gives === undefined ? {} : { standardSchema: options.gives }),
      ...(options.example === undefined ? {} : { example: options.example }),
    }),
    ...problemResponses(options, isPublic),
  );
}

function problemResponses({ errors = [], isUpdate, method }: RouteOptions, isPublic: boolean): MethodDecorator[] {
  const codes = new Set<ErrorCode>([
    'UNAVAILABLE', ...(method === 'GET' ? [] : ['INVALID_REQUEST', 'MALFORMED_JSON'] as const), ...(isPublic ? [] : ['UNAUTHENTICATED', 'FORBIDDEN'] as const),
    ...(isUpdate === true ? ['NOT_FOUND', 'VERSION_MISMATCH', 'PRECONDITION_REQUIRED'] as const : []), ...errors,
  ]);
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) byStatus.set(ERROR_TABLE[code].status, [...(byStatus.get(ERROR_TABLE[code].status) ?? []), code]);
  return [...byStatus].map(([status, ofStatus]) => ApiResponse({
    status,
    description: ofStatus.map((code) => `\`${code}\` ${ERROR_TABLE[code].title}`).join('; '),
    content: { 'application/problem+json': { schema: PROBLEM_SCHEMA, examples: Object.fromEntries(ofStatus.map((code) => [code, { value: problemExample(code) }])) } },
  }));
}
