import type { QuarantineJobs } from '@firsthand/pipeline';
import type { mongo } from 'mongoose';
import { quarantineJobRow } from '../store/read-rows.js';
import type { StoredQuarantineJob } from '../store/stored-rows.js';

/** The leases on jobs, on MongoDB. */
export function mongoQuarantineJobs(jobs: mongo.Collection<StoredQuarantineJob>): QuarantineJobs {
  return {
    async claimQuarantineJob({ now, until, holder, workspaceId }) {
      const row = await jobs.findOneAndUpdate(
        { ...(workspaceId === undefined ? {} : { workspaceId }), dueAt: { $lte: now, $gt: 0 }, $or: [{ until: { $lte: now } }, { holder }] }, { $set: { holder, until }, $inc: { fence: 1 } }, { sort: { dueAt: 1 }, returnDocument: 'after' },
      );
      return row === null ? null : { job: quarantineJobRow(row), fence: row.fence };
    },

    async releaseQuarantineJob({ job: { jobId }, fence }, dueAt) {
      await jobs.updateOne({ _id: jobId, fence, dueAt: { $gt: 0 } }, { $set: { dueAt, holder: null, until: 0 } });
    },
  };
}
