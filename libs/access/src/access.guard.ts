import { applyDecorators, Inject, Injectable, SetMetadata, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { FirsthandError } from '@firsthand/domain';
import { createAbility, type AccessAbility } from './create-ability.js';
import type { Action, Principal, Subject } from './roles.js';

/** The metadata key of the {@link RequiredPermission} of a route. */
export const REQUIRED = 'firsthand:required-permission';

/** Injection token of the guard's {@link AccessOptions}. */
export const ACCESS_OPTIONS = Symbol('access-options');

export interface AccessOptions {
  /** The metadata key that marks a route as open to everybody. */
  publicRouteKey: string;
  /** Gives who sends the request, or throws FirsthandError UNAUTHENTICATED. */
  authenticate(authorization: string | undefined): Promise<Principal>;
}

/** A request that the guard has let in. */
export interface AccessRequest {
  headers: Record<string, string | string[] | undefined>;
  principal: Principal;
  ability: AccessAbility;
}

/** The permission that a route needs. */
export interface RequiredPermission {
  action: Action;
  subject: Subject;
}

/**
 * Names the permission that a route needs.
 *
 * @example @Requires('read', 'segment') @Get() list() {}
 */
export function Requires(action: Action, subject: Subject): ClassDecorator & MethodDecorator {
  return applyDecorators(SetMetadata(REQUIRED, { action, subject } satisfies RequiredPermission));
}

/** The global guard of the admin plane. It denies by default: a route that names neither a permission nor a reason to be public is closed to all. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(ACCESS_OPTIONS) private readonly options: AccessOptions,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const targets = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<string | undefined>(this.options.publicRouteKey, targets) !== undefined) return true;
    const request = context.switchToHttp().getRequest<AccessRequest>();
    const { authorization } = request.headers;
    request.principal = await this.options.authenticate(typeof authorization === 'string' ? authorization : undefined);
    request.ability = createAbility(request.principal.permissions);
    const required = this.reflector.getAllAndOverride<RequiredPermission | undefined>(REQUIRED, targets);
    if (required === undefined || !request.ability.can(required.action, required.subject)) throw new FirsthandError('FORBIDDEN');
    return true;
  }
}
