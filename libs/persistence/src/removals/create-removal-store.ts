import { LIST_EXPORT_ACTION, TAKE_BACK_CAUSES, type RemovalStore, type UntoldRemovals } from '@firsthand/pipeline';
import type { mongo } from 'mongoose';
import type { Collections } from '../store/collections.js';
import type { StoredDelivery, StoredErasure } from '../store/stored-rows.js';
import { withStoreFailures } from '../store/with-store-failures.js';

/** Told of at once: what is left is told of next time. */
const MAX_ROWS = 5_000;

type Standing = UntoldRemovals['as'];

/** What is open, as what, and which of it nobody has been told yet. Each is a part of one index. */
interface Open {
  as: Standing;
  filter: mongo.Filter<StoredDelivery>;
  untold: mongo.Filter<StoredDelivery>;
}

/** Rows that wait for longer than a day; lists that left as files, of which somebody has to ask, and then for longer than a day; and what has ended without being carried out. */
function openRows(workspaceId: string, lateBefore: number): Open[] {
  const takenBack = { workspaceId, class: 'suppression', cause: { $in: [...TAKE_BACK_CAUSES] } } as const;
  const list = { ...takenBack, state: 'dead', action: LIST_EXPORT_ACTION } as const;
  const [isLate, isNew] = [{ createdAt: { $lte: lateBefore } }, { createdAt: { $gt: lateBefore } }];
  return [
    { as: 'late', filter: { ...takenBack, state: 'pending', ...isLate }, untold: { toldAs: { $exists: false } } },
    { as: 'late', filter: { ...list, ...isLate }, untold: { toldAs: { $ne: 'late' } } },
    { as: 'manual', filter: { ...list, ...isNew }, untold: { toldAs: { $exists: false } } },
    { as: 'ended', filter: { ...takenBack, state: 'dead', action: { $ne: LIST_EXPORT_ACTION } }, untold: { toldAs: { $ne: 'ended' } } },
  ];
}

/** The same of erasures, whose people have no rows any more. */
function openErasures(workspaceId: string, lateBefore: number): { as: 'manual' | 'late'; filter: mongo.Filter<StoredErasure>; untold: mongo.Filter<StoredErasure> }[] {
  return [
    { as: 'late', filter: { workspaceId, manualSince: { $gt: 0, $lte: lateBefore } }, untold: { toldAs: { $ne: 'late' } } },
    { as: 'manual', filter: { workspaceId, manualSince: { $gt: lateBefore } }, untold: { toldAs: { $exists: false } } },
  ];
}

/**
 * Removals that nobody has confirmed, on MongoDB.
 *
 * @throws FirsthandError UNAVAILABLE, from every method
 * @example await createRemovalStore(collections).findUntold('acme', Date.now() - 86_400_000)
 */
export function createRemovalStore({ deliveries, erasures }: Pick<Collections, 'deliveries' | 'erasures'>): RemovalStore {
  return withStoreFailures<RemovalStore>({
    async findUntold(workspaceId, lateBefore) {
      const groups = new Map<string, UntoldRemovals>();
      const groupOf = (as: Standing, connectionId: string, at: number): UntoldRemovals => {
        const group = groups.get(`${as}|${connectionId}`) ?? { workspaceId, connectionId, as, deliveryIds: [], erasureIds: [], oldestAt: at };
        groups.set(`${as}|${connectionId}`, { ...group, oldestAt: Math.min(group.oldestAt, at) });
        return group;
      };
      for (const { as, filter, untold } of openRows(workspaceId, lateBefore)) {
        const rows = deliveries.find({ ...filter, ...untold }, { sort: { createdAt: 1 }, limit: MAX_ROWS, projection: { connectionId: 1, createdAt: 1 } });
        for await (const { _id, connectionId, createdAt } of rows) groupOf(as, connectionId, createdAt).deliveryIds.push(_id);
      }
      for (const { as, filter, untold } of openErasures(workspaceId, lateBefore)) {
        const rows = erasures.find({ ...filter, ...untold }, { sort: { manualSince: 1 }, limit: MAX_ROWS, projection: { recipients: 1, manualSince: 1 } });
        for await (const { _id, recipients, manualSince } of rows) for (const connectionId of manualOf(recipients)) groupOf(as, connectionId, manualSince ?? 0).erasureIds.push(_id);
      }
      return [...groups.values()];
    },

    async markTold(untold) {
      for (const { as, deliveryIds, erasureIds } of untold) {
        await deliveries.updateMany({ _id: { $in: deliveryIds } }, { $set: { toldAs: as } });
        if (as !== 'ended') await erasures.updateMany({ _id: { $in: erasureIds } }, { $set: { toldAs: as } });
      }
    },

    async count(workspaceId, lateBefore) {
      const sums = new Map<string, { connectionId: string; as: Standing; count: number }>();
      const add = (as: Standing, connectionId: string, count: number): void => {
        const key = `${as}|${connectionId}`;
        sums.set(key, { connectionId, as, count: (sums.get(key)?.count ?? 0) + count });
      };
      for (const { as, filter } of openRows(workspaceId, lateBefore)) {
        const groups = await deliveries.aggregate<{ _id: string; count: number }>([{ $match: filter }, { $group: { _id: '$connectionId', count: { $sum: 1 } } }]).toArray();
        for (const { _id: connectionId, count } of groups) add(as, connectionId, count);
      }
      for (const { as, filter } of openErasures(workspaceId, lateBefore)) {
        for await (const { recipients } of erasures.find(filter, { projection: { recipients: 1 } })) for (const connectionId of manualOf(recipients)) add(as, connectionId, 1);
      }
      return [...sums.values()];
    },
  });
}

/** The recipients of an erasure that have to be asked by hand, each once. */
function manualOf(recipients: StoredErasure['recipients']): string[] {
  return [...new Set(recipients.flatMap(({ status, connectionId }) => (status === 'manual' ? [connectionId] : [])))];
}
