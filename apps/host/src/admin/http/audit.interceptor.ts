import { Inject, Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { AccessRequest } from '@firsthand/access';
import { FirsthandError } from '@firsthand/domain';
import type { Request } from 'express';
import { catchError, from, map, switchMap, type Observable } from 'rxjs';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { auditContent } from '../audit-log/audit-content.js';

/** The metadata key of routes that are written down although they change nothing, because they show customers. */
export const IS_AUDITED = 'firsthand:is-audited';

const READS = new Set(['GET', 'HEAD', 'OPTIONS']);
/** What an id of ours looks like. Whatever else somebody puts into an address might be an email address or a phone number. */
const ID = /^(?!\+?\d{7,}$)[A-Za-z0-9_.:|-]{1,120}$/;

/**
 * Writes down each admin write and each look at customers: who, which route, which id, and how it ended. One row is written ahead and one afterwards, before the
 * answer; where the first cannot be written nothing happens, where the second cannot nothing is told. They hold route patterns and ids only, never a body, a query or an
 * address.
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
    const { audit, clock, newId } = this.admin;
    const given = { callId: newId(), actorKind: principal.kind, actorId: principal.id, method: request.method, route: routeOf(request) };
    const write = (outcome: string, resourceId: string | null) => audit.append(principal.workspaceId, auditContent({ ...given, outcome, resourceId, at: clock() }));
    const asked = idOf(request.params);
    return from(write('started', asked)).pipe(
      switchMap(() => next.handle().pipe(
        switchMap((body) => from(write('done', asked ?? idOf(body))).pipe(map(() => body))),
        catchError((error: unknown) => from(write(error instanceof FirsthandError ? error.code : 'INTERNAL', asked).catch(() => undefined)).pipe(
          map(() => { throw error; }),
        )),
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
  return typeof id === 'string' && ID.test(id) ? id : null;
}
