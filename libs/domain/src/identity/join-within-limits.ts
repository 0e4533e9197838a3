import { compareText } from './compare-text.js';
import { parseIdentityKey } from './identity-key.js';
import type { IdentityGraph } from './identity-graph.js';
import type { LimitBreach } from './identity-limits.js';
import { leadsTo } from './mailbox.js';
import { MAILBOX } from './namespaces.js';
import type { Entry, Key, ResolvableRecord } from './resolvable-record.js';

/** A link of a verified record that would break a limit. */
export interface HeldLink {
  record: number;
  /** The stronger identity first. */
  keys: readonly [string, string];
  breach: LimitBreach;
}

interface Link {
  record: number;
  from: Key;
  to: Key;
  at: number;
  id: string;
}

/**
 * Joins the people whom verified records name, link by link by a fixed priority, and gives the links that would have broken a limit. Which links are held does not depend on the order of the records.
 *
 * @param records by `Entry.record`
 */
export function joinWithinLimits(graph: IdentityGraph, entries: readonly Entry[], records: readonly ResolvableRecord[]): HeldLink[] {
  for (const { persons } of entries) for (const { key } of persons) graph.ownerOrNew(key, false);
  const links = entries.flatMap(({ record, persons }) => pairsOf(persons).map(([from, to]): Link => ({ record, from, to, at: records[record]?.at ?? 0, id: records[record]?.id ?? '' })));
  links.sort((a, b) => a.from.rank - b.from.rank || a.to.rank - b.to.rank || a.at - b.at || compareText(a.id, b.id) || compareText(a.from.key, b.from.key) || compareText(a.to.key, b.to.key));
  return links.flatMap(({ record, from, to }) => {
    const [one, other] = [graph.ownerOrNew(from.key, false), graph.ownerOrNew(to.key, false)];
    const breach = graph.breach(one, other);
    if (breach !== null) return [{ record, keys: [from.key, to.key] as const, breach }];
    graph.join(one, other, record);
    return [];
  });
}

/** The strongest with each other; a mailbox with its address, so that what becomes of the one becomes of the other. */
export function pairsOf([first, ...others]: readonly Key[]): [Key, Key][] {
  if (first === undefined) return [];
  return others.map((key) => {
    const address = key.namespace === MAILBOX.name ? [first, ...others].find((one) => one.namespace === 'email' && leadsTo(parseIdentityKey(one.key), parseIdentityKey(key.key))) : undefined;
    return [address ?? first, key];
  });
}
