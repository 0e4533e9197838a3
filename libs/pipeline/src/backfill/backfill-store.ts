import type { Activity, ConsentState, Profile, TrackedActivity } from '@firsthand/domain';
import type { Backfill } from './backfill.js';

/** A backfill that this process works on. */
export interface BackfillLease {
  /** `workspaceId|id`. */
  backfillId: string;
  workspaceId: string;
  fence: number;
  /** As it was when it was claimed. */
  backfill: Backfill;
}

/** Which people a turn visits. */
export type BackfillSelection =
  /** The next by profile id. */
  | { after: string | null; limit: number }
  /** These, aliases resolved. */
  | { profileIds: readonly string[] };

export interface BackfillVisit {
  selection: BackfillSelection;
  /** The counters to count from stored events; null to count none. */
  recount: TrackedActivity | null;
  /** When the pass began. Epoch ms, like the following. */
  startedAt: number;
  now: number;
  /** The lease is prolonged until then. */
  until: number;
}

/** One person as read in the transaction of a visit. */
export interface BackfillPerson {
  profile: Profile;
  consents: ConsentState;
  /** The stored next due time. */
  dueAt: number | null;
  /** Counters by key as the stored events give them; null when none were counted. */
  counted: Record<string, Activity> | null;
}

/** What a visit changes of a person. */
export interface PersonRevision {
  /** Counters to set by key; null takes one out. */
  activity: Record<string, Activity | null>;
  /** The next due time; left out, it stays. */
  dueAt?: number;
}

/** Durable backfills. */
export interface BackfillStore {
  /** Takes the backfill that has been due longest and that nobody else works on; one's own again. Null when there is none. */
  claim(options: { now: number; until: number; holder: string }): Promise<BackfillLease | null>;
  /**
   * Visits people in one transaction with what it reads of them: the fence is proved, the cursor moved, and what `revise` gives is
   * written. `revise` may run more than once per person. Throws FenceLost when the backfill was taken over.
   */
  visit(lease: BackfillLease, visit: BackfillVisit, revise: (person: BackfillPerson) => PersonRevision | null): Promise<{ visited: number; last: string | null }>;
  /** The winners of the merges since then. */
  findMergedSince(workspaceId: string, at: number): Promise<string[]>;
  /** Writes down where it stands and gives the lease back. That counters are filled becomes part of the configuration. Throws FenceLost. */
  save(lease: BackfillLease, backfill: Backfill): Promise<void>;
  /** Throws FenceLost. */
  finish(lease: BackfillLease): Promise<void>;
}
