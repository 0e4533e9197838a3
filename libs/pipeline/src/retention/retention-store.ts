import type { WorkspaceConfiguration } from '../ports/configuration.js';

/** What a sweep goes through, in this order; each part may run again. `people`: who has to be looked at sooner than was known, in a sweep of everything only. */
export const RETENTION_STEPS = ['people', 'events', 'refused', 'merges', 'quarantine', 'deliveries'] as const;
export type RetentionStep = (typeof RETENTION_STEPS)[number];

/** Days for which rows are kept that belong to no purpose; null for ever. */
export interface OperatorDays {
  /** Records that could not be used, from when they were set aside. */
  quarantine: number | null;
  /** Deliveries of data that have ended, from when they were made. Their evidence stays. */
  deliveries: number | null;
}

/** A sweep that has ended. */
export interface FinishedSweep {
  /** Epoch ms. */
  startedAt: number;
  finishedAt: number;
  /** The day (its start, UTC) to which it went. */
  day: number;
  /** Whether it went through everything, and not only through what has ended since the one before. */
  isFull: boolean;
  /** What → how many went: `events`, `eventParts` (something of an event), `rawRecords`, `merges` (copies of profiles), `quarantine`, `deliveries`, and `held` (kept under a legal hold, without whose it was). */
  counts: Record<string, number>;
}

/** Where the sweep of a workspace stands. */
export interface RetentionRow {
  workspaceId: string;
  /** Names the rules that the sweep goes by. */
  rules: string;
  /** The day (its start, UTC) to which it goes. */
  day: number;
  /** The day to which the one before went; null where it goes through everything. */
  since: number | null;
  /** When the last sweep of everything began, epoch ms. */
  fullAt: number;
  /** Null when it is over. */
  step: RetentionStep | 'report' | null;
  cursor: string | null;
  startedAt: number;
  counts: Record<string, number>;
  last: FinishedSweep | null;
}

/** A sweep that one worker has taken. */
export interface RetentionLease {
  row: RetentionRow;
  fence: number;
}

/** Sweeps that workers go on with, outside of the pipeline's transactions. */
export interface RetentionStore {
  /** Takes the workspace's sweep until a time; null where another has it. */
  claim(options: { workspaceId: string; now: number; until: number; holder: string }): Promise<RetentionLease | null>;
  /**
   * Does a part of the step at which the row stands, and writes down in the same transaction how far it came: a crash between any two leaves nothing out and counts nothing twice.
   *
   * @throws FenceLost when another worker has taken it
   */
  work(lease: RetentionLease, by: { configuration: WorkspaceConfiguration; days: OperatorDays; now: number; until: number }): Promise<RetentionRow>;
  /** Writes the row, and gives it back where it is over. @throws FenceLost */
  save(lease: RetentionLease, row: RetentionRow): Promise<void>;
  /** The row of a workspace; undefined before the first sweep. */
  find(workspaceId: string): Promise<RetentionRow | undefined>;
  /** How many people have something that should have gone before a time. */
  countOverdue(workspaceId: string, before: number): Promise<number>;
}
