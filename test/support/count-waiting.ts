import type { ConnectedStore } from '@firsthand/persistence';

/** How many deliveries have no outcome yet: pending rows, and what is in flight. */
export async function countWaiting({ collections: { deliveries, inFlight } }: Pick<ConnectedStore, 'collections'>): Promise<number> {
  const blocks = await inFlight.find({}, { projection: { count: 1 } }).toArray();
  return (await deliveries.countDocuments({ state: 'pending' })) + blocks.reduce((sum, { count }) => sum + count, 0);
}
