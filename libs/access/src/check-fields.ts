import { FirsthandError } from '@firsthand/domain';
import type { AccessAbility } from './create-ability.js';
import type { Action, Subject } from './roles.js';

/**
 * Checks a write field by field: asked about the whole, CASL says yes as soon as one field may be written.
 *
 * @param fields the names of the content's fields that the write sets
 * @throws FirsthandError `FORBIDDEN`; its places name each field that this caller may not set
 * @example checkFields(ability, 'update', 'connection', Object.keys(changed))
 */
export function checkFields(ability: AccessAbility, action: Action, subject: Subject, fields: readonly string[]): void {
  const places = fields.filter((field) => !ability.can(action, subject, field)).map((field) => ({ path: `/${field}`, message: 'is not for your role to set' }));
  if (places.length > 0 || !ability.can(action, subject)) throw new FirsthandError('FORBIDDEN', undefined, places);
}
