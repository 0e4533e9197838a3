import { Inject, Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { checkFields, isWithinReach, mayAskBy, mayReadWhole, projectFields, reachOf, REQUIRED, type AccessAbility, type AccessRequest, type RequiredPermission, type Subject } from '@firsthand/access';
import { FirsthandError } from '@firsthand/domain';
import type { Request } from 'express';
import { map, type Observable } from 'rxjs';
import { isConditional, knownFields } from './known-fields.js';

/** The metadata key of {@link AnswerShape}. */
export const ANSWER = 'firsthand:answer';

/** What a route answers with, as far as access asks. */
export interface AnswerShape {
  /** `document` and pages of them show fields one by one; a `result` is the caller's own doing, such as a count of what was done; a `stream` cannot be taken apart. */
  kind: 'document' | 'result' | 'stream';
  /** Whether the route itself keeps to the rows that the caller's permissions reach. */
  keepsToReach: boolean;
}

/** Shown of every document: what it is called, and which version of it this is. */
const ALWAYS = ['id', 'version'];

/**
 * Holds the permissions field by field and row by row on every route, whatever its handler does: a write sets only what the caller may set, a list is asked only
 * by what the caller may read, and an answer shows only that. Who may see some rows only comes in nowhere but where the route keeps to them.
 */
@Injectable()
export class FieldsInterceptor implements NestInterceptor {
  constructor(@Inject(Reflector) private readonly reflector: Reflector) {}

  intercept(context: ExecutionContext, next: CallHandler<unknown>): Observable<unknown> {
    const { ability, body, query } = context.switchToHttp().getRequest<Request & Partial<AccessRequest>>();
    const required = this.reflector.get<RequiredPermission | undefined>(REQUIRED, context.getHandler());
    if (ability === undefined || required === undefined) return next.handle();
    const { action, subject } = required;
    const { kind, keepsToReach } = this.reflector.get<AnswerShape>(ANSWER, context.getHandler());
    if (isConditional(subject) && !keepsToReach && reachOf(ability, action, subject) !== 'all') throw new FirsthandError('FORBIDDEN');
    if ((action === 'create' || action === 'update') && isObject(body)) checkFields(ability, action, subject, Object.keys(body));
    refuseHiddenFields(ability, subject, Object.keys(query));
    if (kind === 'result') return next.handle();
    if (kind === 'stream' && !mayReadWhole(ability, subject)) throw new FirsthandError('FORBIDDEN');
    return next.handle().pipe(map((answer) => project(ability, subject, answer)));
  }
}

/** Who filters by a field learns it: the refusal is the same whether anything matches. */
function refuseHiddenFields(ability: AccessAbility, subject: Subject, asked: readonly string[]): void {
  const hidden = asked.filter((name) => knownFields(subject).has(name) && !mayAskBy(ability, subject, name));
  if (hidden.length > 0) throw new FirsthandError('FORBIDDEN', undefined, hidden.map((name) => ({ path: `/${name}`, message: 'is not for your role to read' })));
}

function project(ability: AccessAbility, subject: Subject, answer: unknown): unknown {
  if (answer === undefined || answer === null) return answer;
  if (!isObject(answer)) {
    if (!mayReadWhole(ability, subject)) throw new FirsthandError('FORBIDDEN');
    return answer;
  }
  const reach = isConditional(subject) ? reachOf(ability, 'read', subject) : 'all';
  const { items, nextCursor } = answer as { items?: unknown; nextCursor?: unknown };
  if (Array.isArray(items) && nextCursor !== undefined) {
    return { ...answer, items: items.filter((item: object) => isWithinReach(reach, item)).map((item: object) => projectFields(ability, subject, item, ALWAYS)) };
  }
  if (!isWithinReach(reach, answer)) throw new FirsthandError('NOT_FOUND');
  return projectFields(ability, subject, answer, ALWAYS);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
