import { FenceLost, type BackfillStore } from '@firsthand/pipeline';
import type { Connection } from 'mongoose';
import type { StoredConfigVersion } from '../configuration/configuration-kinds.js';
import { collectionsOf } from '../store/collections.js';
import { withStoreFailures } from '../store/with-store-failures.js';
import { runTransaction } from '../transaction/run-transaction.js';
import { updateOwn, type StoredBackfill } from './update-own.js';
import { visitPeople } from './visit-people.js';

/**
 * Backfills on MongoDB. They are stored through the configuration repository (kind `backfills`), in the transaction of the change that needs
 * them; here they are worked off.
 *
 * @throws FirsthandError UNAVAILABLE, from every method, when MongoDB is away
 * @example const worker = createBackfillWorker({ backfills: createBackfillStore(connection), configuration, clock, holder });
 */
export function createBackfillStore(connection: Connection): BackfillStore {
  const client = connection.getClient();
  const db = client.db(connection.name);
  const collections = collectionsOf(connection);
  const rows = db.collection<StoredBackfill>('backfills');
  const versions = db.collection<StoredConfigVersion>('configVersions');
  return withStoreFailures<BackfillStore>({
    async claim({ now, until, holder }) {
      const row = await rows.findOneAndUpdate(
        { 'content.dueAt': { $lte: now }, $or: [{ 'content.until': { $lte: now } }, { 'content.holder': holder }] },
        { $set: { 'content.holder': holder, 'content.until': until }, $inc: { 'content.fence': 1 } },
        { sort: { 'content.dueAt': 1, _id: 1 }, returnDocument: 'after' },
      );
      return row === null ? null : { backfillId: row._id, workspaceId: row.workspaceId, fence: row.content.fence, backfill: row.content };
    },

    visit: (lease, visit, revise) => runTransaction(client, (session) => visitPeople({ collections, rows, session }, lease, visit, revise)),

    async findMergedSince(workspaceId, at) {
      return collections.merges.distinct('winner', { workspaceId, at: { $gte: at } });
    },

    save: (lease, backfill) => runTransaction(client, async (session) => {
      const { counters, isFilled, since, dueAt, startedAt, cursor } = backfill;
      await updateOwn(rows, lease, { content: { counters, isFilled, since, dueAt, startedAt, cursor, holder: null, until: 0, fence: lease.fence } }, session);
      // Segments that waited for their counters are evaluated from now on: every process has to know.
      if (isFilled && !lease.backfill.isFilled) await versions.updateOne({ _id: lease.workspaceId }, { $inc: { version: 1 } }, { session });
    }),

    async finish({ backfillId, fence }) {
      const { deletedCount } = await rows.deleteOne({ _id: backfillId, 'content.fence': fence });
      if (deletedCount !== 1) throw new FenceLost('The backfill was taken over.');
    },
  });
}
