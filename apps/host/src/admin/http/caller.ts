import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { AccessAbility, AccessRequest, Principal } from '@firsthand/access';

/** Who calls an admin route: the workspace of every query comes from here, never from the request. */
export interface Caller {
  workspaceId: string;
  principal: Principal;
  ability: AccessAbility;
}

/** The caller that the guard has let in. */
export const CallerOf = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const { principal, ability } = context.switchToHttp().getRequest<AccessRequest>();
  return { workspaceId: principal.workspaceId, principal, ability };
});
