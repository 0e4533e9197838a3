import { FenceLost, type ExportClaim, type PersonExportRow, type PersonExportStore } from '@firsthand/pipeline';
import type { Connection } from 'mongoose';
import { collectionsOf } from '../store/collections.js';
import { isDuplicateKey } from '../store/store-failure.js';
import type { StoredPersonExport } from '../store/stored-rows.js';
import { withStoreFailures } from '../store/with-store-failures.js';
import { runTransaction } from '../transaction/run-transaction.js';
import { chunkKey, chunksBefore, chunksOf, packChunks, unpackChunks } from './export-chunks.js';

/**
 * Copies of people's data on MongoDB. A chunk is written in one transaction with its row, so that whoever deletes the row and then the chunks of a person, as an
 * erasure does, leaves none behind.
 *
 * @throws FirsthandError UNAVAILABLE, from every method, when MongoDB is away
 * @example const exports = createPersonExportStore(connection);
 */
export function createPersonExportStore(connection: Connection): PersonExportStore {
  const client = connection.getClient();
  const { personExports: rows, personExportChunks: chunks } = collectionsOf(connection);
  const isOurs = ({ exportId, workspaceId, fence }: ExportClaim) => ({ _id: exportId, workspaceId, fence });
  const methods = withStoreFailures<Omit<PersonExportStore, 'readFile'>>({
    async order(row) {
      const { fence, ...anew } = toStored(row);
      try {
        await rows.insertOne({ ...anew, fence });
        return row;
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
      }
      const { _id, ...begun } = anew;
      const found = (await rows.findOneAndUpdate({ _id, state: 'failed' }, { $set: begun }, { returnDocument: 'after' })) ?? (await rows.findOne({ _id }));
      // Deleted between the two: the next call makes it.
      return found === null ? row : toRow(found);
    },

    async find(workspaceId, exportId) {
      const found = await rows.findOne({ _id: exportId, workspaceId });
      return found === null ? undefined : toRow(found);
    },

    async list({ workspaceId, profileIds, now, limit }) {
      return (await rows.find({ workspaceId, profileId: { $in: [...profileIds] }, expireAt: { $gt: new Date(now) } }, { sort: { createdAt: -1, _id: 1 }, limit }).toArray()).map(toRow);
    },

    async take(now, until) {
      const taken = await rows.findOneAndUpdate({ dueAt: { $gt: 0, $lte: now } }, { $set: { dueAt: until }, $inc: { fence: 1, attempt: 1 } }, { sort: { dueAt: 1 }, returnDocument: 'after' });
      return taken === null ? null : toRow(taken);
    },

    writeFile(claim, format, texts, until) {
      const { exportId, workspaceId, profileId, fence, expiresAt } = claim;
      return packChunks(texts, (index, data) => runTransaction(client, async (session) => {
        const { matchedCount } = await rows.updateOne(isOurs(claim), { $set: { dueAt: until() } }, { session });
        if (matchedCount !== 1) throw new FenceLost('The copy was taken over, or its person was erased.');
        await chunks.insertOne({ _id: chunkKey(exportId, { fence, format }, index), schemaVersion: 1, workspaceId, profileId, data, expireAt: new Date(expiresAt) }, { session });
      }));
    },

    async settle(claim, change) {
      const { matchedCount } = await rows.updateOne(isOurs(claim), { $set: change });
      if (matchedCount !== 1) throw new FenceLost('The copy was taken over, or its person was erased.');
      if (change.state === 'ready') await chunks.deleteMany({ workspaceId: claim.workspaceId, _id: chunksBefore(claim.exportId, claim.fence) });
    },

    async setLink(workspaceId, exportId, linkHash) {
      return (await rows.updateOne({ _id: exportId, workspaceId, state: 'ready' }, { $set: { linkHash } })).matchedCount === 1;
    },

    async takeFile({ workspaceId, exportId, linkHash, format }, now, until) {
      const taken = await rows.findOneAndUpdate(
        { _id: exportId, workspaceId, state: 'ready', ...(linkHash === null ? {} : { linkHash }), expireAt: { $gt: new Date(now) }, files: { $elemMatch: { format, fetchedAt: null, takenUntil: { $lte: now } } } },
        { $set: { 'files.$.takenUntil': until } }, { returnDocument: 'after' },
      );
      return taken === null ? null : toRow(taken);
    },

    async releaseFile(workspaceId, exportId, { format, fence }, fetchedAt) {
      await rows.updateOne({ _id: exportId, workspaceId, files: { $elemMatch: { format, fence } } }, { $set: { 'files.$.takenUntil': 0, 'files.$.fetchedAt': fetchedAt } });
      if (fetchedAt !== null) await chunks.deleteMany({ workspaceId, _id: chunksOf(exportId, { format, fence }) });
    },
  });
  return { ...methods, readFile: (exportId, file) => unpackChunks(chunks.find({ _id: chunksOf(exportId, file) }, { sort: { _id: 1 }, batchSize: 4 })) };
}

function toStored({ exportId, expiresAt, ...row }: PersonExportRow): StoredPersonExport {
  return { _id: exportId, schemaVersion: 1, ...row, expireAt: new Date(expiresAt) };
}

function toRow({ _id, schemaVersion, expireAt, ...row }: StoredPersonExport): PersonExportRow {
  return { exportId: _id, ...row, expiresAt: expireAt.getTime() };
}
