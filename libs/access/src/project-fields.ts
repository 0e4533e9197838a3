import type { AccessAbility } from './create-ability.js';
import type { Subject } from './roles.js';

/** Stands in no permission: only one that is for every field has it. */
const EVERY_FIELD = '(every)';

/** Whether one permission or another lets the whole of it be read, of every row: needed where an answer cannot be taken apart. */
export function mayReadWhole(ability: AccessAbility, subject: Subject): boolean {
  return ability.rulesFor('read', subject).some((rule) => rule.conditions === undefined && rule.matchesField(EVERY_FIELD));
}

/**
 * Whether a list may be filtered or sorted by a field: it must be readable of every row in the list, as whoever filters by a field learns it.
 *
 * @example mayAskBy(ability, 'delivery', 'state')
 */
export function mayAskBy(ability: AccessAbility, subject: Subject, field: string): boolean {
  const rules = ability.rulesFor('read', subject);
  return rules.length > 0 && (rules.every((rule) => rule.matchesField(field)) || rules.some((rule) => rule.conditions === undefined && rule.matchesField(field)));
}

/** Whether a field of this row, or a part of it, may be read. A part (`traits.city`) lets the field (`traits`) through: who made the row shows only that part. */
export function mayReadField(ability: AccessAbility, subject: Subject, field: string, row: object): boolean {
  return ability.rulesFor('read', subject).some((rule) => rule.matchesConditions(row as never)
    && (rule.matchesField(field) || rule.fields?.some((held) => held.startsWith(`${field}.`)) === true));
}

/**
 * A copy of a document with only the fields that may be read, asked one by one, and the `kept` ones.
 *
 * @example projectFields(ability, 'user', { id, name, email }, ['id'])
 */
export function projectFields<T extends object>(ability: AccessAbility, subject: Subject, document: T, kept: readonly string[] = []): Partial<T> {
  return Object.fromEntries(Object.entries(document).filter(([field]) => kept.includes(field) || mayReadField(ability, subject, field, document))) as Partial<T>;
}
