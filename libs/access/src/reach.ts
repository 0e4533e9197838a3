import type { AccessAbility } from './create-ability.js';
import type { Action, Subject } from './roles.js';

/** The rows of a subject that somebody may do something with: the values that each name may have, one alternative per permission. Empty when there are none. */
export type Reach = 'all' | readonly Readonly<Record<string, readonly string[]>>[];

/**
 * Which rows of a subject an ability reaches. Lists are asked for these rows only, so that of others not even the number shows.
 *
 * @example reachOf(ability, 'read', 'delivery') // [{ connectionId: ['crm'] }]
 */
export function reachOf(ability: AccessAbility, action: Action, subject: Subject): Reach {
  const rules = ability.rulesFor(action, subject);
  if (rules.some(({ conditions }) => conditions === undefined)) return 'all';
  return rules.map(({ conditions }) => Object.fromEntries(Object.entries(conditions as Record<string, { $in: string[] }>).map(([key, { $in }]) => [key, $in])));
}

/** Whether a row is within reach. */
export function isWithinReach(reach: Reach, row: object): boolean {
  return reach === 'all' || reach.some((alternative) => Object.entries(alternative).every(([key, values]) => values.includes(String((row as Record<string, unknown>)[key]))));
}
