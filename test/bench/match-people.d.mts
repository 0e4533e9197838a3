import type { FittedModel, MatchPattern, MatchScore, MatchSubject, MatchTally, Profile } from '@firsthand/domain';

type Person = { truth: number; profile: Pick<Profile, 'fields' | 'identities'> };
export type ScoredPair = MatchScore & { one: number; other: number; pattern: MatchPattern };

/** See `match-people.mjs`. */
export function matchPeople(people: readonly Person[], options: { random: () => number }): { subjects: MatchSubject[]; tally: MatchTally; fitted: FittedModel; scored: ScoredPair[]; figures: { blocks: number; skippedBlocks: number; pairs: number } };
export function judge(people: readonly Person[], scored: readonly ScoredPair[], threshold: number): { threshold: number; real: number; suggested: number; precision: number; recall: number; f1: number };
