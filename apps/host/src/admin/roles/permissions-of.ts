import { BUILT_IN_PERMISSIONS, BUILT_IN_ROLES, coversPermissions, type BuiltInRole, type Permission } from '@firsthand/access';
import { FirsthandError } from '@firsthand/domain';
import { z } from 'zod';
import type { RoleDocument } from '../../configuration/documents.js';
import type { AdminContext } from '../admin-context.js';
import { findConfigured } from '../find-configured.js';
import { keySchema } from '../http/id-schema.js';
import type { Caller } from '../http/caller.js';

/** The roles of an account or key: built-in ones, and those that the workspace has made. */
export const rolesSchema = z.array(keySchema).min(1).max(20);

export function isBuiltIn(role: string): role is BuiltInRole {
  return (BUILT_IN_ROLES as readonly string[]).includes(role);
}

/** What the roles allow, as they are defined at this moment. A role that is gone allows nothing. */
export async function permissionsOf({ repository }: Pick<AdminContext, 'repository'>, workspaceId: string, roles: readonly string[]): Promise<Permission[]> {
  const lists = await Promise.all(roles.map(async (role) => (isBuiltIn(role) ? BUILT_IN_PERMISSIONS[role] : (await findRole({ repository }, workspaceId, role))?.permissions ?? [])));
  return lists.flat();
}

/**
 * Checks roles that somebody gives to an account or key: each is there, and none allows what the giver may not do.
 *
 * @throws FirsthandError `INVALID_REQUEST` for a role that is none, `FORBIDDEN` for one that allows more; `places` names it
 */
export async function assertAssignable(admin: AdminContext, { workspaceId, principal }: Caller, roles: readonly string[]): Promise<void> {
  for (const [index, role] of roles.entries()) {
    if (!isBuiltIn(role) && (await findRole(admin, workspaceId, role)) === undefined) throw new FirsthandError('INVALID_REQUEST', undefined, [{ path: `/roles/${index}`, message: 'is no role' }]);
    if (!coversPermissions(principal.permissions, await permissionsOf(admin, workspaceId, [role]))) throw new FirsthandError('FORBIDDEN', undefined, [{ path: `/roles/${index}`, message: 'allows more than you may do' }]);
  }
}

async function findRole({ repository }: Pick<AdminContext, 'repository'>, workspaceId: string, role: string): Promise<RoleDocument | undefined> {
  return (await findConfigured<RoleDocument>(repository, 'roles', workspaceId, role))?.content;
}

/**
 * Checks whose account somebody changes, or hands a new password for: with it they could do all that it may.
 *
 * @param roles those of the account
 * @throws FirsthandError `FORBIDDEN` where these allow what the caller may not do
 */
export async function assertNoMore(admin: AdminContext, { workspaceId, principal }: Caller, roles: readonly string[]): Promise<void> {
  if (!coversPermissions(principal.permissions, await permissionsOf(admin, workspaceId, roles))) throw new FirsthandError('FORBIDDEN', 'The account may do more than you.');
}
