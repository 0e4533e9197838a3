import type { SegmentSizeRow, SegmentSizeStore } from '@firsthand/pipeline';
import type { Connection } from 'mongoose';
import { collectionsOf } from '../store/collections.js';
import { storeKey } from '../store/store-key.js';
import type { StoredSegmentSize } from '../store/stored-rows.js';
import { withStoreFailures } from '../store/with-store-failures.js';

/** The key of a row: the hour in its ISO form, so that one segment's rows lie in order. */
export function sizeKey(workspaceId: string, segmentId: string, hour: number): string {
  return storeKey(workspaceId, segmentId, new Date(hour).toISOString().slice(0, 13));
}

/**
 * Snapshots of segments' sizes on MongoDB.
 *
 * @throws FirsthandError UNAVAILABLE, from every method, when MongoDB is away
 * @example const sizes = createSegmentSizeStore(connection);
 */
export function createSegmentSizeStore(connection: Connection): SegmentSizeStore {
  const { profiles, segmentSizes } = collectionsOf(connection);
  return withStoreFailures<SegmentSizeStore>({
    async isTaken(workspaceId, hour) {
      return (await segmentSizes.findOne({ workspaceId, hour }, { projection: { _id: 1 } })) !== null;
    },

    async countMembers(workspaceId) {
      const rows = await profiles.aggregate<{ _id: string; size: number }>([
        { $match: { _id: { $gt: storeKey(workspaceId, ''), $lt: `${workspaceId}}` } } },
        { $project: { membership: { $objectToArray: '$memberships' } } },
        { $unwind: '$membership' },
        { $match: { 'membership.v.isMember': true } },
        { $group: { _id: '$membership.k', size: { $sum: 1 } } },
      ]).toArray();
      return new Map(rows.map(({ _id, size }) => [_id, size]));
    },

    async findNewest(workspaceId, segmentIds) {
      const found = await Promise.all(segmentIds.map((segmentId) => segmentSizes.findOne(
        { _id: { $gt: storeKey(workspaceId, segmentId, ''), $lt: `${storeKey(workspaceId, segmentId)}}` } }, { sort: { _id: -1 } })));
      return new Map(found.flatMap((row) => (row === null ? [] : [[row.segmentId, toRow(row)] as const])));
    },

    async insert(rows) {
      if (rows.length === 0) return;
      await segmentSizes.bulkWrite(rows.map((row) => {
        const _id = sizeKey(row.workspaceId, row.segmentId, row.hour);
        return { updateOne: { filter: { _id }, update: { $setOnInsert: { schemaVersion: 1, ...row } }, upsert: true } };
      }), { ordered: false });
    },
  });
}

function toRow({ _id, schemaVersion, ...row }: StoredSegmentSize): SegmentSizeRow {
  return row;
}
