import type { Lane } from '@firsthand/pipeline';
import type { mongo } from 'mongoose';
import { storeKey } from './store-key.js';
import type { Collections } from './collections.js';
import type { StoredDelivery } from './stored-rows.js';

/** Rows not tried yet, and rows that were: each lies in an index of its own. */
const CLASSES: readonly mongo.Filter<StoredDelivery>[] = [{ attempt: 0 }, { attempt: { $gt: 0 } }];

/** Looked at for one answer. */
const MAX_BLOCKS = 1_000;

/**
 * Lanes that have a due row, or rows in flight for longer than a lease. It steps from lane to lane through the index instead of reading every pending row: a few look-ups for each
 * lane that has pending rows, however many they are.
 */
export async function findDueLanes({ deliveries, inFlight }: Pick<Collections, 'deliveries' | 'inFlight'>, now: number): Promise<Lane[]> {
  const due = new Map<string, Lane>();
  const overdue = inFlight.find({ dueAt: { $lte: now } }, { sort: { dueAt: 1 }, limit: MAX_BLOCKS, projection: { workspaceId: 1, connectionId: 1 } });
  for await (const { workspaceId, connectionId } of overdue) due.set(storeKey(workspaceId, connectionId), { workspaceId, connectionId });
  for (const rows of CLASSES) {
    for await (const lane of lanesOf(deliveries, rows)) {
      const key = storeKey(lane.workspaceId, lane.connectionId);
      if (!due.has(key) && (await hasDue(deliveries, { ...rows, ...lane }, now))) due.set(key, lane);
    }
  }
  return [...due.values()];
}

async function* lanesOf(deliveries: mongo.Collection<StoredDelivery>, rows: mongo.Filter<StoredDelivery>): AsyncGenerator<Lane> {
  const first = (after: mongo.Filter<StoredDelivery>) => deliveries.findOne<Lane>(
    { state: 'pending', ...rows, ...after }, { projection: { _id: 0, workspaceId: 1, connectionId: 1 }, sort: { workspaceId: 1, connectionId: 1 } });
  for (let lane = await first({}); lane !== null; ) {
    yield lane;
    const { workspaceId, connectionId } = lane;
    lane = (await first({ workspaceId, connectionId: { $gt: connectionId } })) ?? (await first({ workspaceId: { $gt: workspaceId } }));
  }
}

async function hasDue(deliveries: mongo.Collection<StoredDelivery>, rows: mongo.Filter<StoredDelivery>, now: number): Promise<boolean> {
  return (await deliveries.findOne({ state: 'pending', ...rows, dueAt: { $lte: now } }, { projection: { _id: 1 } })) !== null;
}
