import { ACTIONS, SUBJECTS, type Action, type Permission, type Subject } from './roles.js';

/** One thing that a key is limited to: `read:segment`. */
export type Scope = `${Action}:${Subject}`;

/** Every scope that there is. */
export const SCOPES: readonly Scope[] = ACTIONS.flatMap((action) => SUBJECTS.map((subject): Scope => `${action}:${subject}`));

/**
 * What is left of permissions within scopes: a scope gives nothing that no permission gave, and takes none of its fields and conditions away.
 *
 * @example narrowToScopes(BUILT_IN_PERMISSIONS.integrator, ['read:connection'])
 */
export function narrowToScopes(permissions: readonly Permission[], scopes: readonly string[]): Permission[] {
  return permissions.flatMap(({ actions, subjects, ...limits }) => actions.flatMap((action) => subjects.flatMap((subject) => (
    scopes.includes(`${action}:${subject}`) ? [{ actions: [action], subjects: [subject], ...limits }] : []))));
}
