import { reachOf, type AccessAbility, type Action, type Subject } from '@firsthand/access';

/**
 * The part of a query that keeps it to the rows that an ability reaches. Spread it into the filter; it takes `$or`'s and `$and`'s place in none.
 *
 * @example collections.quarantine.find({ workspaceId, ...reachFilter(ability, 'read', 'quarantine') })
 */
export function reachFilter(ability: AccessAbility, action: Action, subject: Subject): { $nor?: object[] } {
  const reach = reachOf(ability, action, subject);
  if (reach === 'all') return {};
  // Nor not one of them: `$or` is used by the queries themselves, and an empty one is refused.
  return { $nor: [reach.length === 0 ? {} : { $nor: reach.map((alternative) => Object.fromEntries(Object.entries(alternative).map(([key, values]) => [key, { $in: [...values] }]))) }] };
}
