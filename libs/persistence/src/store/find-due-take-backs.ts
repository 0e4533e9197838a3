import { TAKE_BACK_CAUSES, type DeliveryRow, type Lane } from '@firsthand/pipeline';
import type { mongo } from 'mongoose';
import { deliveryRow } from './read-rows.js';
import type { StoredDelivery } from './stored-rows.js';

/** The pending rows of a lane that take something back and are due, without those of the excluded people, the longest due first. They lie in an index of their own: no backlog makes it slow. */
export async function findDueTakeBacks(
  deliveries: mongo.Collection<StoredDelivery>, { workspaceId, connectionId }: Lane, now: number, limit: number, excludeProfileIds: readonly string[],
): Promise<DeliveryRow[]> {
  const rows = await deliveries.find(
    {
      workspaceId, connectionId, state: 'pending', class: 'suppression', cause: { $in: [...TAKE_BACK_CAUSES] }, dueAt: { $lte: now },
      ...(excludeProfileIds.length === 0 ? {} : { profileId: { $nin: [...excludeProfileIds] } }),
    },
    { sort: { dueAt: 1 }, limit },
  ).toArray();
  return rows.map(deliveryRow);
}
