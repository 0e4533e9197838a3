import type { AccessAbility } from './create-ability.js';
import type { Subject } from './roles.js';

/**
 * A copy of a document with only the fields that may be read, asked one by one.
 *
 * @example projectFields(ability, 'user', { id, name, email })
 */
export function projectFields<T extends object>(ability: AccessAbility, subject: Subject, document: T): Partial<T> {
  return Object.fromEntries(Object.entries(document).filter(([field]) => ability.can('read', subject, field))) as Partial<T>;
}
