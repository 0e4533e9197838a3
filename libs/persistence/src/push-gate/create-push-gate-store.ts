import { encodeStoredKey } from '@firsthand/domain';
import type { PushGateStore } from '@firsthand/pipeline';
import type { Connection, mongo } from 'mongoose';
import { sizeKey } from '../segments/create-segment-size-store.js';
import type { Expression } from '../segments/filter.js';
import { collectionsOf } from '../store/collections.js';
import { pushGateRow } from '../store/read-rows.js';
import { storeKey } from '../store/store-key.js';
import { withStoreFailures } from '../store/with-store-failures.js';

/** Who asks waits for it, and asks again. */
const MEASURE_TIMEOUT_MS = 20_000;

/**
 * What segments are like, asked of MongoDB.
 *
 * @throws FirsthandError UNAVAILABLE, from every method, when MongoDB is away or takes longer than 20 s
 * @example const pushGates = createPushGateStore(connection);
 */
export function createPushGateStore(connection: Connection): PushGateStore {
  const { profiles, segmentSizes, audienceMembers, pushGates } = collectionsOf(connection);
  return withStoreFailures<PushGateStore>({
    async findDueGates(now, limit) {
      return (await pushGates.find({ dueAt: { $gt: 0, $lte: now } }, { sort: { dueAt: 1 }, limit }).toArray()).map(pushGateRow);
    },

    async measure({ workspaceId, segmentId }, paths) {
      const members = { _id: { $gt: storeKey(workspaceId, ''), $lt: `${workspaceId}}` }, [`memberships.${segmentId}.isMember`]: true };
      // Paths may hold dots: they are counted by their place.
      const counts = Object.fromEntries(paths.map((path, index) => [`missing${index}`, { $sum: { $cond: [isThere(path), 0, 1] } }]));
      const [found] = await profiles.aggregate<Record<string, number | null>>([
        { $match: members }, { $group: { _id: null, size: { $sum: 1 }, newestAt: { $max: '$activity.*.last' }, ...counts } },
      ] as mongo.Document[], { maxTimeMS: MEASURE_TIMEOUT_MS }).toArray();
      return { size: found?.size ?? 0, newestAt: found?.newestAt ?? null, missing: paths.map((path, index) => ({ path, count: found?.[`missing${index}`] ?? 0 })) };
    },

    async listSizes({ workspaceId, segmentId }, since) {
      const from = sizeKey(workspaceId, segmentId, since);
      const projection = { projection: { _id: 0, at: 1, size: 1 } } as const;
      const before = await segmentSizes.findOne({ _id: { $gt: storeKey(workspaceId, segmentId, ''), $lte: from } }, { sort: { _id: -1 }, ...projection });
      const later = await segmentSizes.find({ _id: { $gt: from, $lt: `${storeKey(workspaceId, segmentId)}}` } }, { sort: { _id: 1 }, ...projection }).toArray();
      return [...(before === null ? [] : [before]), ...later].map(({ at, size }) => ({ at, size }));
    },

    countConfirmed({ workspaceId, connectionId, segmentId }) {
      return audienceMembers.countDocuments({
        _id: { $gt: storeKey(workspaceId, connectionId, ''), $lt: `${storeKey(workspaceId, connectionId)}}` }, sets: { $elemMatch: { state: { $ne: 'out' }, 'holders.segmentId': segmentId } },
      }, { maxTimeMS: MEASURE_TIMEOUT_MS });
    },
  });
}

/** Whether a person has a value at a path of the dictionary. */
function isThere(path: string): Expression {
  const dot = path.indexOf('.');
  const name = path.slice(dot + 1);
  if (path.slice(0, dot) === 'identities') return { $in: [{ $literal: name }, { $ifNull: ['$identities.namespace', []] }] };
  return { $ne: [{ $ifNull: [`$fields.${encodeStoredKey(name)}.value`, null] }, null] };
}
