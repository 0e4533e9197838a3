import type { MatchModel, MatchScore, MatchTally } from '@firsthand/domain';

/** What a run does, in this order; each part may run again. */
export const MATCH_STEPS = ['index', 'measure', 'compare', 'suggest', 'clear'] as const;
export type MatchStep = (typeof MATCH_STEPS)[number];

/** What a run has done so far. */
export interface MatchCounts {
  /** Whose data may be matched, and of whom there is anything to match by. */
  people: number;
  /** Who has refused, or not agreed: they are in no block and in no suggestion. */
  withheld: number;
  /** Keys that several people share, and those of them that are too many people's to go through. */
  blocks: number;
  skippedBlocks: number;
  /** Pairs that were compared. */
  pairs: number;
  /** Pairs that are above the threshold. */
  suggested: number;
}

/** A run that has ended. */
export interface FinishedMatchRun {
  /** Epoch ms. */
  startedAt: number;
  finishedAt: number;
  counts: MatchCounts;
  /** How the fit of the model went. */
  fit: { iterations: number; hasConverged: boolean };
  model: MatchModel;
}

/** Where the matching of a workspace stands. */
export interface MatchRunRow {
  workspaceId: string;
  /** Names the settings that it goes by. */
  by: string;
  /** Of the index that it makes, which ends with it. */
  runId: string;
  /** Null between two runs. */
  step: MatchStep | null;
  /** Where the step goes on; null at its beginning. */
  cursor: string | null;
  startedAt: number;
  /** When the next one begins, epoch ms. */
  dueAt: number;
  tally: MatchTally;
  model: MatchModel | null;
  fit: FinishedMatchRun['fit'] | null;
  counts: MatchCounts;
  last: FinishedMatchRun | null;
}

/** A run that one worker has taken. */
export interface MatchLease {
  row: MatchRunRow;
  fence: number;
}

/** That a person can be found by a key. The key is a digest under a key of the installation, and begins with `n` where it is of a whole name. */
export interface MatchKeyRow {
  key: string;
  profileId: string;
}

/** `open` waits for a decision; `outdated`: one of both is somebody else by now, or they are no more that alike. */
export const MATCH_STATES = ['open', 'accepted', 'rejected', 'outdated'] as const;
export type MatchState = (typeof MATCH_STATES)[number];

/** That two profiles may be one person's. It holds no value of theirs. */
export interface MatchSuggestionRow extends Pick<MatchScore, 'probability' | 'rival' | 'weights'> {
  /** `workspaceId|stable id(both profile ids)`: the same two are asked about once. */
  suggestionId: string;
  workspaceId: string;
  /** The smaller one first. */
  profileIds: [string, string];
  state: MatchState;
  /** When it was first suggested, and when a run last found it, epoch ms. */
  at: number;
  seenAt: number;
  /** When it was decided or outdated; null while it waits. */
  decidedAt: number | null;
  /** That a merge of the two was taken back: they are not suggested again. */
  wasUndone?: true;
}

/** Two people whom a run found alike enough. */
export interface FoundMatch extends Pick<MatchScore, 'probability' | 'rival' | 'weights'> {
  suggestionId: string;
  profileIds: [string, string];
}
