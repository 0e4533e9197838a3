import type { ConsentRecord } from './consent.js';

/** Two profiles that became one, as the journal of identities knows it. */
export interface JoinFact {
  winner: string;
  loser: string;
  /** Epoch ms. */
  at: number;
  /** When it was taken back, epoch ms; null while it stands. */
  undoneAt: number | null;
  /** By what either was known until then that was another's by name: keys of devices, left out where neither was. */
  shared?: { winner: readonly string[]; loser: readonly string[] };
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
  /** Profile → keys that it is known by now and that are another's by name; of who is made of several those of all of them. */
  shared: ReadonlyMap<string, readonly string[]>;
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
export function lineageAt({ joins, moves, owners, shared }: Pick<ConsentHistory, 'joins' | 'moves' | 'owners' | 'shared'>, profileId: string, knownAt: number): ConsentLineage {
  const standing = standingAt(joins, knownAt);
  const parentOf = parentsOf(standing);
  const root = rootOf(profileId, parentOf);
  const keysOf = new Map([...sharersOf(joins, shared)].filter(([id]) => rootOf(id, parentOf) === root));
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

function standingAt(joins: readonly JoinFact[], at: number): JoinFact[] {
  return joins.filter((join) => join.at <= at && (join.undoneAt === null || join.undoneAt > at)).sort(byTime);
}

/** Of one moment: who is merged away has won all that they won, and a winner of several is known by more each time. */
function inOrder(joins: readonly JoinFact[]): JoinFact[] {
  const ordered = new Set<JoinFact>();
  const size = ({ shared }: JoinFact): number => shared?.winner.length ?? 0;
  const sorted = [...joins].sort((one, other) => one.at - other.at || size(one) - size(other) || byTime(one, other));
  const begun = new Set<JoinFact>();
  const place = (join: JoinFact): void => {
    if (begun.has(join)) return;
    begun.add(join);
    for (const other of sorted) if (other.at === join.at && other.winner === join.loser) place(other);
    ordered.add(join);
  };
  for (const join of sorted) place(join);
  return [...ordered];
}

function byTime(one: JoinFact, other: JoinFact): number {
  return one.at - other.at || (one.loser < other.loser ? -1 : 1);
}

function parentsOf(joins: readonly JoinFact[]): Map<string, string> {
  return new Map(joins.map(({ loser, winner }) => [loser, winner]));
}

/** Which profile was known by which device of another: a device of both of two is each one's, one of the one alone is not the other's because they were made one. */
function sharersOf(joins: readonly JoinFact[], shared: ConsentHistory['shared']): Map<string, Set<string>> {
  const keysOf = new Map<string, Set<string>>();
  const note = (profileId: string, keys: readonly string[], parentOf: ReadonlyMap<string, string>): void => {
    const known = new Set([...keysOf].flatMap(([id, own]) => (rootOf(id, parentOf) === profileId ? [...own] : [])));
    for (const key of keys) if (!known.has(key)) keysOf.set(profileId, (keysOf.get(profileId) ?? new Set()).add(key));
  };
  const ordered = inOrder(joins);
  for (const [index, join] of ordered.entries()) {
    const before = parentsOf(standingAt(ordered.slice(0, index), join.at));
    note(join.winner, join.shared?.winner ?? [], before);
    note(join.loser, join.shared?.loser ?? [], before);
  }
  const now = parentsOf(standingAt(joins, Infinity));
  for (const [profileId, keys] of shared) note(profileId, keys, now);
  return keysOf;
}

function rootOf(profileId: string, parentOf: ReadonlyMap<string, string>): string {
  let root = profileId;
  for (let parent = parentOf.get(root); parent !== undefined; parent = parentOf.get(root)) root = parent;
  return root;
}
