import type { QuarantineRow } from '../ports/quarantine-row.js';
import type { InboxDocument } from '../ports/rows.js';
import type { QuarantineJobLease, QuarantineJobRow, QuarantineQuery } from './quarantine-job.js';

/** What a transaction reads and writes of the quarantine. */
export interface QuarantineTransaction {
  /** In the order of receipt, then by id. */
  findQuarantined(query: QuarantineQuery): Promise<QuarantineRow[]>;
  /** Takes out rows that were read in this transaction: whoever else takes one at the same time loses the race, and runs again. */
  removeQuarantined(quarantineIds: readonly string[]): Promise<void>;
  insertQuarantineJob(job: QuarantineJobRow): Promise<void>;
  /** Writes down how far a job came, and keeps or gives back the lease. Throws FenceLost when another has it. */
  writeQuarantineJob(lease: QuarantineJobLease, job: QuarantineJobRow, until: number): Promise<void>;
  /** Has records applied again from their beginning: those that a vendor has to complete. */
  insertInbox(documents: readonly InboxDocument[]): Promise<void>;
}

/** Leases on jobs, outside of a transaction. */
export interface QuarantineJobs {
  /** Takes the longest due job that nobody has, or one's own; null for none. Of one workspace alone where it is named. */
  claimQuarantineJob(options: { now: number; until: number; holder: string; workspaceId?: string }): Promise<QuarantineJobLease | null>;
  /** Gives a job back, to be gone on with at `dueAt`. One that was taken over or has ended is left as it is. */
  releaseQuarantineJob(lease: Pick<QuarantineJobLease, 'fence'> & { job: { jobId: string } }, dueAt: number): Promise<void>;
}
