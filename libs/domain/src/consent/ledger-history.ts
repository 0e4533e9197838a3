import type { ConsentRecord } from './consent.js';

/** Two profiles that became one, as the journal of identities knows it. */
export interface JoinFact {
  winner: string;
  loser: string;
  /** Epoch ms. */
  at: number;
  /** When it was taken back, epoch ms; null while it stands. */
  undoneAt: number | null;
}

/** An identity that was only claimed for one person, and went to whom it belongs. */
export interface MoveFact {
  /** `namespace|value`. */
  key: string;
  from: string;
  to: string;
  at: number;
}

/** All that a person's consent state is folded from. */
export interface ConsentHistory {
  records: readonly ConsentRecord[];
  joins: readonly JoinFact[];
  moves: readonly MoveFact[];
  /** Identity key → the profile it was given to, merges not followed. */
  owners: ReadonlyMap<string, string>;
  /** Keys of devices → when the person was verified on them, epoch ms; 0 where nobody noted it. */
  provenAt: ReadonlyMap<string, number>;
}

/** Something that happened is looked at as it was known at a time. Both in epoch ms. */
export interface ConsentMoment {
  /** Decisions that were made until then. */
  effectiveAt: number;
  /** As far as anything was recorded until then. */
  knownAt: number;
}

/** A profile by itself, with those that were merged into it. */
export interface ConsentLineage {
  profileId: string;
  /** Whose decisions are its own. */
  keys: ReadonlySet<string>;
  /** Claims that it had: key → until when, epoch ms. */
  formerKeys: ReadonlyMap<string, number>;
  /** In the order in which they were merged. */
  merged: readonly { at: number; loser: ConsentLineage }[];
}

/**
 * The person that a profile belonged to, and what that was made of, as known at a time: merges that were known and not taken back by then.
 *
 * @example lineageAt(history, profileId, Date.now()).merged.length // 1
 */
export function lineageAt({ joins, moves, owners }: Pick<ConsentHistory, 'joins' | 'moves' | 'owners'>, profileId: string, knownAt: number): ConsentLineage {
  const standing = joins.filter(({ at, undoneAt }) => at <= knownAt && (undoneAt === null || undoneAt > knownAt)).sort((one, other) => one.at - other.at || (one.loser < other.loser ? -1 : 1));
  const parentOf = new Map(standing.map(({ loser, winner }) => [loser, winner]));
  const root = rootOf(profileId, parentOf);
  const keysOf = new Map<string, Set<string>>();
  for (const [key, now] of owners) {
    const then = moves.filter((move) => move.key === key && move.at > knownAt).sort((one, other) => one.at - other.at)[0]?.from ?? now;
    if (rootOf(then, parentOf) === root) keysOf.set(then, (keysOf.get(then) ?? new Set()).add(key));
  }
  const build = (id: string): ConsentLineage => ({
    profileId: id, keys: keysOf.get(id) ?? new Set(),
    formerKeys: new Map(moves.filter(({ from, at }) => from === id && at <= knownAt).map(({ key, at }) => [key, at])),
    merged: standing.filter(({ winner }) => winner === id).map(({ at, loser }) => ({ at, loser: build(loser) })),
  });
  return build(root);
}

function rootOf(profileId: string, parentOf: ReadonlyMap<string, string>): string {
  let root = profileId;
  for (let parent = parentOf.get(root); parent !== undefined; parent = parentOf.get(root)) root = parent;
  return root;
}
