import { IdentityGraph } from './identity-graph.js';
import { namespaceOf } from './identity-key.js';
import type { LimitBreach } from './identity-limits.js';
import type { IdentityRules } from './identity-rules.js';
import { joinWithinLimits } from './join-within-limits.js';
import type { NamedLink } from './named-link.js';
import type { Key } from './resolvable-record.js';

/** One link of a whole set. */
export interface LinkOfSet extends Pick<NamedLink, 'keys' | 'at' | 'eventId'> {
  /** Joined whatever the limits: a person has decided so, or nobody knows by what both came to be one. */
  isFixed?: boolean;
}

/** Who is one by a whole set of links. */
export interface ResolvedLinks<Link> {
  /** Identities of one person each. */
  groups: string[][];
  /** What would break a limit. */
  held: Map<Link, LimitBreach>;
}

/**
 * What a set of links comes to at once, taken by the fixed priority of a batch (rank of the namespaces, time, id of the event) whenever each of them came: what is fixed first. How many become one in a short time is no matter of priority, and is not counted. Pure.
 *
 * @param keys identities that are to be in a group, linked or not
 * @param links each pair once
 * @example resolveLinks([], [{ keys: ['userId|u1', 'phone|1'], at: 1, eventId: 'e' }], rules).groups // [['userId|u1', 'phone|1']]
 */
export function resolveLinks<Link extends LinkOfSet>(keys: Iterable<string>, links: readonly Link[], { rankOf, limitOf, breaker: { maxIdentities } }: Pick<IdentityRules, 'rankOf' | 'limitOf' | 'breaker'>): ResolvedLinks<Link> {
  const graph = new IdentityGraph(new Map(), new Map(), new Set(), { limitOf, maxIdentities, maxMerges: Infinity, identitiesOf: () => [], mergesOf: () => 0 });
  const all = new Set([...keys, ...links.flatMap((link) => link.keys)]);
  for (const key of all) graph.ownerOrNew(key, false);
  const keyOf = (key: string): Key => ({ key, namespace: namespaceOf(key), rank: rankOf(namespaceOf(key)) });
  for (const { keys: [one, other], isFixed } of links) if (isFixed === true) graph.join(graph.ownerOrNew(one, false), graph.ownerOrNew(other, false), 0);
  const free = links.filter(({ isFixed }) => isFixed !== true);
  const entries = free.map((link, record) => ({ record, persons: link.keys.map(keyOf).sort((a, b) => a.rank - b.rank || (a.key < b.key ? -1 : 1)), devices: [] }));
  const held = joinWithinLimits(graph, entries, free.map(({ at, eventId }) => ({ identities: [], isVerified: true, at, id: eventId })));
  const groups = new Map<number, string[]>();
  for (const key of all) {
    const root = graph.ownerOrNew(key, false);
    groups.set(root, [...(groups.get(root) ?? []), key]);
  }
  return { groups: [...groups.values()], held: new Map(held.map(({ record, breach }) => [free[record] as Link, breach])) };
}
