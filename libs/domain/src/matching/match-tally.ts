import { patternKey, type MatchPattern } from './match-fields.js';

/** How often each pattern was seen: all that fitting needs, of any number of people. */
export interface MatchTally {
  /** People who are compared. */
  people: number;
  /** Pattern → pairs of people who share a block. */
  candidates: Record<string, number>;
  /** Pattern → pairs taken at random, that share none. */
  random: Record<string, number>;
  /** Pairs of people whose names sound the same, over all of them. */
  namesakes: number;
}

/** @example const tally = newMatchTally(); tallyPair(tally.candidates, comparePeople(one, other)); */
export function newMatchTally(): MatchTally {
  return { people: 0, candidates: {}, random: {}, namesakes: 0 };
}

/** Counts a pair. */
export function tallyPair(counts: Record<string, number>, pattern: MatchPattern): void {
  const key = patternKey(pattern);
  counts[key] = (counts[key] ?? 0) + 1;
}
