import { TAKE_BACK_CAUSES, type RemovalStore, type UntoldRemovals } from '@firsthand/pipeline';
import type { mongo } from 'mongoose';
import type { Collections } from '../store/collections.js';
import type { StoredDelivery } from '../store/stored-rows.js';
import { withStoreFailures } from '../store/with-store-failures.js';

/** Told of at once: what is left is told of next time. */
const MAX_ROWS = 5_000;

type Standing = UntoldRemovals['as'];

/** The rows that are late, and those that have ended without being carried out: each from its part of one index. */
function open(workspaceId: string, lateBefore: number): Record<Standing, mongo.Filter<StoredDelivery>> {
  const takenBack = { workspaceId, class: 'suppression', cause: { $in: [...TAKE_BACK_CAUSES] } } as const;
  return { late: { ...takenBack, state: 'pending', createdAt: { $lte: lateBefore } }, ended: { ...takenBack, state: 'dead' } };
}

/**
 * Removals that nobody has confirmed, on MongoDB.
 *
 * @throws FirsthandError UNAVAILABLE, from every method
 * @example await createRemovalStore(collections).findUntold('acme', Date.now() - 86_400_000)
 */
export function createRemovalStore({ deliveries }: Pick<Collections, 'deliveries'>): RemovalStore {
  return withStoreFailures<RemovalStore>({
    async findUntold(workspaceId, lateBefore) {
      const filters = open(workspaceId, lateBefore);
      const untold: Record<Standing, mongo.Filter<StoredDelivery>> = { late: { ...filters.late, toldAs: { $exists: false } }, ended: { ...filters.ended, toldAs: { $ne: 'ended' } } };
      const groups = new Map<string, UntoldRemovals>();
      for (const as of ['late', 'ended'] as const) {
        const rows = deliveries.find(untold[as], { sort: { createdAt: 1 }, limit: MAX_ROWS, projection: { connectionId: 1, createdAt: 1 } });
        for await (const { _id, connectionId, createdAt } of rows) {
          const key = `${as}|${connectionId}`;
          const group = groups.get(key) ?? { workspaceId, connectionId, as, deliveryIds: [], oldestAt: createdAt };
          group.deliveryIds.push(_id);
          groups.set(key, group);
        }
      }
      return [...groups.values()];
    },

    async markTold(untold) {
      for (const { as, deliveryIds } of untold) await deliveries.updateMany({ _id: { $in: deliveryIds } }, { $set: { toldAs: as } });
    },

    async count(workspaceId, lateBefore) {
      const filters = open(workspaceId, lateBefore);
      const counted = await Promise.all((['late', 'ended'] as const).map(async (as) => {
        const groups = await deliveries.aggregate<{ _id: string; count: number }>([{ $match: filters[as] }, { $group: { _id: '$connectionId', count: { $sum: 1 } } }]).toArray();
        return groups.map(({ _id: connectionId, count }) => ({ connectionId, as, count }));
      }));
      return counted.flat();
    },
  });
}
