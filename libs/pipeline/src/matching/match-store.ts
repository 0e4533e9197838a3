import type { FoundMatch, MatchKeyRow, MatchLease, MatchRunRow } from './match-rows.js';

/** Runs of the matcher and their index, outside of the pipeline's transactions. Whatever moves a run on is written with it, and throws FenceLost when another worker has taken it. */
export interface MatchStore {
  /** The row of a workspace; undefined before the first run. */
  find(workspaceId: string): Promise<MatchRunRow | undefined>;
  /** Takes the workspace's run until a time; null where another has it. */
  claim(options: { workspaceId: string; now: number; until: number; holder: string }): Promise<MatchLease | null>;
  /** Writes the row, and gives it back where `until` is null. */
  save(lease: MatchLease, row: MatchRunRow, until: number | null): Promise<void>;
  /** Makes the next run due now, unless one is under way. */
  request(workspaceId: string, now: number): Promise<void>;
  /** Ids of profiles after one of them, in their order. */
  listProfileIds(workspaceId: string, after: string | null, limit: number): Promise<string[]>;
  /** Adds to the run's index. */
  writeKeys(lease: MatchLease, row: MatchRunRow, keys: readonly MatchKeyRow[], until: number): Promise<void>;
  /** The run's index in order of keys, then profiles, after a place in it (`key|profileId`). */
  readKeys(row: MatchRunRow, after: string | null, limit: number): Promise<MatchKeyRow[]>;
  /** How many have a key. */
  countKey(row: MatchRunRow, key: string): Promise<number>;
  /** Notes how many have which key. */
  writeSizes(lease: MatchLease, row: MatchRunRow, sizes: ReadonlyMap<string, number>, until: number): Promise<void>;
  /** Of these keys those whose sizes were noted. */
  findSizes(row: MatchRunRow, keys: readonly string[]): Promise<Map<string, number>>;
  /**
   * Suggests pairs: new ones wait for a decision; what waits is brought up to date; what was outdated waits again; what was decided stays, and two who were taken apart after a merge are not suggested.
   */
  suggest(lease: MatchLease, row: MatchRunRow, found: readonly FoundMatch[], now: number, until: number): Promise<void>;
  /** Removes a part of the run's index, and outdates suggestions that wait and that the run did not find. True when nothing is left of either. */
  clear(lease: MatchLease, now: number, until: number): Promise<boolean>;
  /** Matching is off: outdates what waits, and removes what an index left. */
  turnOff(workspaceId: string, now: number): Promise<void>;
}
