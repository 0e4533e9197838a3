import { HELD_DUE_AT, type DeliveryRow, type Lane } from '@firsthand/pipeline';
import type { mongo } from 'mongoose';
import { deliveryRow } from './read-rows.js';
import type { StoredDelivery } from './stored-rows.js';

/** Waiting rows of one look: the next look goes on after them. */
const MAX_WAITING = 500;

/**
 * The pending sends of people who have one of these actions waiting for another try (what is held at a gate has not been tried), and where to go on: the due time of the last waiting row that was looked
 * at, 0 at the end.
 */
export async function findBehindWaiting(
  deliveries: mongo.Collection<StoredDelivery>, { workspaceId, connectionId }: Lane, { now, after, actions }: { now: number; after: number; actions: readonly string[] },
): Promise<{ rows: DeliveryRow[]; next: number }> {
  const ofLane = { workspaceId, connectionId, state: 'pending' } as const;
  const waiting = await deliveries
    .find({ ...ofLane, attempt: { $gt: 0 }, dueAt: { $gt: Math.max(now, after), $ne: HELD_DUE_AT }, operation: 'send', action: { $in: [...actions] } }, { sort: { dueAt: 1 }, limit: MAX_WAITING })
    .project<{ profileId: string; dueAt: number }>({ _id: 0, profileId: 1, dueAt: 1 })
    .toArray();
  const next = waiting.length < MAX_WAITING ? 0 : (waiting.at(-1)?.dueAt ?? 0);
  if (waiting.length === 0) return { rows: [], next };
  const rows = await deliveries.find({ ...ofLane, profileId: { $in: [...new Set(waiting.map(({ profileId }) => profileId))] }, operation: 'send', class: 'data', action: { $in: [...actions] } }).toArray();
  return { rows: rows.map(deliveryRow), next };
}
