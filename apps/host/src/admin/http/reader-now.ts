import { createAbility, reachOf, type Subject } from '@firsthand/access';
import { FirsthandError } from '@firsthand/domain';
import type { AdminContext } from '../admin-context.js';
import { authenticate } from '../authenticate.js';
import type { Caller } from './caller.js';

/**
 * Who reads a stream, as they are at this moment: what began as theirs ends when the session does, the key, or the role.
 *
 * @throws FirsthandError `UNAUTHENTICATED`, `FORBIDDEN` where they may no longer read all of the subject
 */
export async function readerNow(admin: AdminContext, { workspaceId }: Pick<Caller, 'workspaceId'>, authorization: string | undefined, subject: Subject): Promise<Caller> {
  const principal = await authenticate(admin, authorization);
  const ability = createAbility(principal.permissions);
  if (principal.workspaceId !== workspaceId || !ability.can('read', subject) || reachOf(ability, 'read', subject) !== 'all') throw new FirsthandError('FORBIDDEN');
  return { workspaceId, principal, ability };
}
