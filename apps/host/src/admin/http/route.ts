import { applyDecorators, Delete, Get, HttpCode, Post, Put, SetMetadata } from '@nestjs/common';
import { ApiBearerAuth, ApiConsumes, ApiHeader, ApiOperation, ApiProduces, ApiQuery, ApiResponse } from '@nestjs/swagger';
import { Requires, type Action, type Subject } from '@firsthand/access';
import { ERROR_TABLE, type ErrorCode } from '@firsthand/domain';
import { z } from 'zod';
import { PublicRoute } from '../../boot/public-route.js';
import { DRY_RUN_EXAMPLE, dryRunAnswerSchema, type DescribeEffects } from '../dry-run/dry-run-effect.js';
import { DRY_RUN } from '../dry-run/dry-run.interceptor.js';
import { ONE_MOMENT } from '../one-moment/one-moment.interceptor.js';
import { IS_AUDITED } from './audit.interceptor.js';
import { ANSWER, type AnswerShape } from './fields.interceptor.js';
import { noteFields } from './known-fields.js';
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
  /** Media types of the body, where it is not JSON alone. */
  consumes?: string | readonly string[];
  /** Media type of the answer, where it is not JSON. */
  produces?: string;
  /** Overrides what is written into the audit log: by default every call that is no GET. */
  isAudited?: boolean;
  /** That the answer is no document of the subject: the outcome of the call itself. Fields of documents are shown one by one, as far as the caller may read them. */
  isResult?: boolean;
  /** That the route keeps to the rows that the caller's permissions reach. Others are closed to who may see some rows only. */
  keepsToReach?: boolean;
  /** That the call takes `dryRun=true`: its effects beyond what it would write. A route without it refuses the word. */
  dryRun?: DescribeEffects;
  /** That what it checks of the configuration holds when it writes: of a delete, and a call that names what goes, the second is refused. Its handler may run more than once, and writes through the repository. */
  isOneMoment?: boolean;
}

/** One decorator per admin route: verb, permission, audit and its whole part of the OpenAPI document. */
export function Route(options: RouteOptions): MethodDecorator {
  const { method, path = '', requires, isAudited, dryRun } = options;
  const status = options.status ?? (options.gives === undefined ? 204 : 200);
  const isPublic = 'publicBecause' in requires;
  const permission = isPublic ? `No credentials: ${requires.publicBecause}.` : `Needs the permission \`${requires[0]} ${requires[1]}\`.`;
  const answer: AnswerShape = { kind: options.isResult === true ? 'result' : options.produces === undefined ? 'document' : 'stream', keepsToReach: options.keepsToReach ?? false };
  if (!isPublic && options.isResult !== true && options.gives !== undefined) noteFields(requires[1], options.gives);
  return applyDecorators(
    VERBS[method](path),
    HttpCode(status),
    SetMetadata(ANSWER, answer),
    ...(isPublic ? [PublicRoute(requires.publicBecause)] : [Requires(requires[0], requires[1]), ApiBearerAuth('session'), ApiBearerAuth('api-key')]),
    ...(options.consumes === undefined ? [] : [ApiConsumes(...[options.consumes].flat())]),
    ...(options.produces === undefined ? [] : [ApiProduces(options.produces)]),
    ...(isAudited === undefined ? [] : [SetMetadata(IS_AUDITED, isAudited)]),
    ...(options.isOneMoment === true ? [SetMetadata(ONE_MOMENT, true)] : []),
    ...(dryRun === undefined ? [] : [SetMetadata(DRY_RUN, dryRun), ...dryRunDocs(status)]),
    ...(options.isUpdate === true ? [ApiHeader({ name: 'If-Match', required: true, description: 'The version that you read, as in ETag.', example: '"1"' })] : []),
    ApiOperation({ summary: options.summary, description: [options.description, permission].filter((part) => part !== undefined).join('\n\n') }),
    ApiResponse({
      status, description: status === 204 ? 'Done.' : 'The answer.',
      ...(options.gives === undefined ? {} : { standardSchema: dryRun !== undefined && status === 200 ? z.union([options.gives, dryRunAnswerSchema]) : options.gives }),
      ...(options.example === undefined ? {} : { example: options.example }),
    }),
    ...problemResponses(options, isPublic),
  );
}

function dryRunDocs(status: number): MethodDecorator[] {
  const query = ApiQuery({ name: 'dryRun', required: false, schema: { type: 'boolean', default: false }, description: 'With `true` everything is checked, nothing is done or written, and the answer (200) is a DryRunAnswer.' });
  return status === 200 ? [query] : [query, ApiResponse({ status: 200, description: 'What would happen, with `dryRun=true`.', standardSchema: dryRunAnswerSchema, example: DRY_RUN_EXAMPLE })];
}

/** What a body may be refused for before its route sees it. */
const BODY_ERRORS = ['MALFORMED_JSON', 'MALFORMED_ENCODING', 'PAYLOAD_TOO_COMPLEX', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'] as const satisfies readonly ErrorCode[];

function problemResponses({ errors = [], isUpdate, method }: RouteOptions, isPublic: boolean): MethodDecorator[] {
  const codes = new Set<ErrorCode>([
    'UNAVAILABLE', ...(method === 'GET' ? [] : BODY_ERRORS), ...(isPublic && method === 'GET' ? [] : ['INVALID_REQUEST'] as const), ...(isPublic ? [] : ['UNAUTHENTICATED', 'FORBIDDEN'] as const),
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
