import { FenceLost, type QuarantineTransaction } from '@firsthand/pipeline';
import { readQuarantine } from '../quarantine/read-quarantine.js';
import { storedInbox } from '../store/mongo-inbox.js';
import { quarantineRow } from '../store/read-rows.js';
import { ownKey } from '../store/store-key.js';
import type { TransactionScope } from './transaction-scope.js';

/** Quarantined records, and the jobs that release and discard them. */
export function quarantineRows({ collections: { inbox, quarantine, quarantineJobs }, session }: TransactionScope): QuarantineTransaction {
  return {
    findQuarantined: async (query) => (await readQuarantine(quarantine, query, { session })).map(quarantineRow),

    async removeQuarantined(quarantineIds) {
      if (quarantineIds.length > 0) await quarantine.deleteMany({ _id: { $in: [...quarantineIds] } }, { session });
    },

    async insertQuarantineJob({ jobId, ...job }) {
      await quarantineJobs.insertOne({ _id: ownKey(job.workspaceId, jobId), schemaVersion: 1, ...job, holder: null, until: 0, fence: 0 }, { session });
    },

    async writeQuarantineJob({ fence }, { jobId, counts, after, dueAt, end }, until) {
      const lease = until === 0 ? { until, holder: null } : { until };
      const { matchedCount } = await quarantineJobs.updateOne({ _id: jobId, fence }, { $set: { counts, after, dueAt, end, ...lease } }, { session });
      if (matchedCount !== 1) throw new FenceLost('The job was taken over, or has ended.');
    },

    async insertInbox(documents) {
      if (documents.length > 0) await inbox.insertMany(documents.map(storedInbox), { session });
    },
  };
}
