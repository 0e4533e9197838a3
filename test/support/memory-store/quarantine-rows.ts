import { isImported, FenceLost, type QuarantineJobs, type QuarantineQuery, type QuarantineRow, type QuarantineTransaction } from '@firsthand/pipeline';
import type { MemorySession } from './memory-tables.js';
import type { Tables } from './tables.js';

/** Quarantined records, and the jobs that release and discard them. */
export function quarantineRows(session: MemorySession, { quarantine, quarantineJobs: jobs, inbox }: Tables): QuarantineTransaction {
  return {
    async findQuarantined(query) {
      return session.select(quarantine, (row) => isWanted(row, query)).sort(byReceipt).slice(0, query.limit);
    },

    async removeQuarantined(quarantineIds) {
      for (const id of quarantineIds) session.remove(quarantine, id);
    },

    async insertQuarantineJob(job) {
      session.insert(jobs, job.jobId, { job, holder: null, until: 0, fence: 0 });
    },

    async writeQuarantineJob({ fence }, { jobId, counts, after, dueAt, end }, until) {
      const row = session.get(jobs, jobId);
      if (row?.fence !== fence) throw new FenceLost('The job was taken over, or has ended.');
      session.put(jobs, jobId, { ...row, job: { ...row.job, counts, after, dueAt, end }, until, ...(until === 0 ? { holder: null } : {}) });
    },

    async insertInbox(documents) {
      for (const document of documents) session.insert(inbox, document.inboxId, { document, isImport: isImported(document), dueAt: document.receivedAt, claim: null, claimedUntil: 0 });
    },
  };
}

/** The leases on jobs. */
export function quarantineJobs(now: <T>(work: (session: MemorySession) => T) => Promise<T>, { quarantineJobs: jobs }: Tables): QuarantineJobs {
  return {
    claimQuarantineJob: ({ now: at, until, holder, workspaceId }) => now((session) => {
      const due = session
        .select(jobs, ({ job, ...row }) => job.dueAt !== null && job.dueAt <= at && (row.until <= at || row.holder === holder) && (workspaceId === undefined || job.workspaceId === workspaceId))
        .sort((a, b) => (a.job.dueAt ?? 0) - (b.job.dueAt ?? 0) || (a.job.jobId < b.job.jobId ? -1 : 1));
      const [first] = due;
      if (first === undefined) return null;
      const taken = { ...first, holder, until, fence: first.fence + 1 };
      session.put(jobs, first.job.jobId, taken);
      return { job: taken.job, fence: taken.fence };
    }),
    releaseQuarantineJob: ({ job: { jobId }, fence }, dueAt) => now((session) => {
      const row = session.get(jobs, jobId);
      if (row?.fence === fence && row.job.dueAt !== null) session.put(jobs, jobId, { ...row, job: { ...row.job, dueAt }, holder: null, until: 0 });
    }),
  };
}

function isWanted(row: QuarantineRow, { workspaceId, selection, connectionIds, keptSince, until, after }: QuarantineQuery): boolean {
  const { quarantineIds, groupId, connectionId, code, from = 0, to = Infinity } = selection;
  return row.workspaceId === workspaceId && (quarantineIds?.includes(row.quarantineId) ?? true) && (groupId ?? row.groupId) === row.groupId && (connectionId ?? row.connectionId) === row.connectionId && (code ?? row.code) === row.code
    && row.receivedAt >= from && row.receivedAt < to && row.quarantinedAt >= keptSince && row.quarantinedAt <= until && (connectionIds?.includes(row.connectionId) ?? true)
    && (after === null || byReceipt(row, after) > 0);
}

function byReceipt(one: { receivedAt: number; quarantineId: string }, other: { receivedAt: number; quarantineId: string }): number {
  return one.receivedAt - other.receivedAt || (one.quarantineId < other.quarantineId ? -1 : one.quarantineId > other.quarantineId ? 1 : 0);
}
