import type { Action, Permission, Subject } from './roles.js';

/**
 * Whether somebody has all that permissions would give: nobody hands out more than they have.
 *
 * @param held what the one who gives may do
 * @example coversPermissions(caller.principal.permissions, role.permissions)
 */
export function coversPermissions(held: readonly Permission[], asked: readonly Permission[]): boolean {
  return asked.every(({ actions, subjects, fields, conditions }) => actions.every((action) => subjects.every((subject) => (fields ?? [undefined]).every((field) =>
    held.some((own) => coversOne(own, { action, subject, field, conditions }))))));
}

interface One { action: Action; subject: Subject; field: string | undefined; conditions: Permission['conditions'] }

function coversOne(own: Permission, { action, subject, field, conditions }: One): boolean {
  if (!own.actions.includes(action) || !own.subjects.includes(subject)) return false;
  if (own.fields !== undefined && (field === undefined || !own.fields.some((name) => field === name || field.startsWith(`${name}.`)))) return false;
  return Object.entries(own.conditions ?? {}).every(([key, values]) => conditions?.[key]?.every((value) => values.includes(value)) === true);
}
