import { BUILT_IN_PERMISSIONS } from './built-in-permissions.js';
import { coversPermissions } from './covers-permissions.js';
import type { BuiltInRole, Permission } from './roles.js';

/** Their holders answer for a second factor, whatever else these roles come to allow. */
const GUARDED_ROLES: readonly string[] = ['owner', 'privacy-officer'] satisfies BuiltInRole[];
/** What anybody may do without one: all that the other built-in roles allow. */
const UNGUARDED: readonly Permission[] = (['admin', 'marketer', 'analyst', 'integrator'] satisfies BuiltInRole[]).flatMap((role) => BUILT_IN_PERMISSIONS[role]);

/**
 * Whether a second factor protects what somebody may do, where the workspace asks for one: they are owner or privacy officer, or a role of the workspace's own
 * lets them do what only these may, such as to make accounts, roles and keys.
 *
 * @param roles the names of the roles held
 * @param permissions what these allow
 * @example needsSecondFactor(['staffing'], [{ actions: ['create'], subjects: ['apiKey'] }]) // true
 */
export function needsSecondFactor(roles: readonly string[], permissions: readonly Permission[]): boolean {
  return roles.some((role) => GUARDED_ROLES.includes(role)) || !coversPermissions(UNGUARDED, permissions);
}

/**
 * What is left of permissions without all that a second factor protects: for callers that can have none.
 *
 * @example withoutSecondFactor(BUILT_IN_PERMISSIONS.owner)
 */
export function withoutSecondFactor(permissions: readonly Permission[]): Permission[] {
  return permissions.flatMap(({ actions, subjects, ...limits }) => actions.flatMap((action) => subjects.flatMap((subject): Permission[] => {
    const one = { actions: [action], subjects: [subject], ...limits };
    return coversPermissions(UNGUARDED, [one]) ? [one] : [];
  })));
}
