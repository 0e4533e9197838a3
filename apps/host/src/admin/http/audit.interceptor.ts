import { Inject, Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { AccessRequest } from '@firsthand/access';
import { FirsthandError } from '@firsthand/domain';
import type { Request } from 'express';
import { catchError, from, map, switchMap, type Observable } from 'rxjs';
import { ADMIN, type AdminContext } from '../admin-context.js';
import type { AuditContent } from '../documents.js';

/** The metadata key of routes that are written down although they change nothing, because they show customers. */
export const IS_AUDITED = 'firsthand:is-audited';

const READS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Writes one row per admin write: who, which route, which id, and how it ended. The row is written ahead, so that no change is without one;
 * it holds route patterns and ids only, never a body, a query or an address.
 */
@Injectable()
export class AuditInterceptor implements NestInterceptor {
  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(ADMIN) private readonly admin: AdminContext,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler<unknown>): Observable<unknown> {
    const request = context.switchToHttp().getRequest<Request & Partial<AccessRequest>>();
    const isAudited = this.reflector.get<boolean | undefined>(IS_AUDITED, context.getHandler()) ?? !READS.has(request.method);
    const { principal } = request;
    if (!isAudited || principal === undefined) return next.handle();
    const { repository, clock, newId } = this.admin;
    const content: AuditContent = {
      actorKind: principal.kind, actorId: principal.id, method: request.method, route: routeOf(request), resourceId: idOf(request.params), outcome: 'started', at: clock(),
    };
    // Ids grow with time, so that the log reads in its order.
    const auditId = `${String(content.at).padStart(14, '0')}-${newId()}`;
    const write = (row: AuditContent) => repository.put('auditLog', principal.workspaceId, auditId, row, clock());
    return from(write(content)).pipe(
      switchMap(() => next.handle()),
      switchMap((body) => from(write({ ...content, outcome: 'done', resourceId: content.resourceId ?? idOf(body) })).pipe(map(() => body))),
      catchError((error: unknown) => from(write({ ...content, outcome: error instanceof FirsthandError ? error.code : 'INTERNAL' }).catch(() => undefined)).pipe(
        map(() => { throw error; }),
      )),
    );
  }
}

function routeOf(request: Request): string {
  const route: unknown = request.route;
  return typeof route === 'object' && route !== null && 'path' in route ? String(route.path) : '';
}

function idOf(holder: unknown): string | null {
  const id = typeof holder === 'object' && holder !== null && 'id' in holder ? holder.id : null;
  return typeof id === 'string' ? id : null;
}
