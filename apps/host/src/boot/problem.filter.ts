import { randomUUID } from 'node:crypto';
import { Catch, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Logger } from '@firsthand/platform';
import { openDsrError } from '../opendsr/opendsr-error.js';
import { isOpenDsr } from '../opendsr/read-request.js';
import { LOGGER } from './tokens.js';
import { toProblem } from './problem.js';

/** Answers every error of a plane as problem+json. The one exception filter, on Fastify and on Express. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    @Inject(HttpAdapterHost) private readonly adapterHost: HttpAdapterHost,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const { httpAdapter } = this.adapterHost;
    const http = host.switchToHttp();
    const request = http.getRequest<{ id?: unknown; url?: string }>();
    const response = http.getResponse<object>();
    const requestId = typeof request.id === 'string' ? request.id : randomUUID();
    const { problem, retryAfterSeconds } = toProblem(error, requestId);
    if (problem.status >= 500) this.logger[problem.code === 'INTERNAL' ? 'error' : 'warn']({ requestId, code: problem.code, err: error }, problem.title);
    if (httpAdapter.isHeadersSent(response)) {
      httpAdapter.end(response);
      return;
    }
    httpAdapter.setHeader(response, 'Content-Type', 'application/problem+json; charset=utf-8');
    if (retryAfterSeconds !== undefined) httpAdapter.setHeader(response, 'Retry-After', String(Math.max(1, Math.ceil(retryAfterSeconds))));
    // A Basic challenge makes browsers open their password window: only a page for people sets one.
    if (problem.status === 401 && httpAdapter.getHeader(response, 'WWW-Authenticate') === undefined) httpAdapter.setHeader(response, 'WWW-Authenticate', 'Bearer realm="firsthand"');
    httpAdapter.reply(response, JSON.stringify(isOpenDsr(request.url) ? { ...problem, error: openDsrError(problem) } : problem), problem.status);
  }
}
