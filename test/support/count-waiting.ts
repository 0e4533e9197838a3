import type { ConnectedStore } from '@firsthand/persistence';

/** How many deliveries have no outcome yet: pending rows, and what is in flight. */
export async function countWaiting({ collections: { deliveries, inFlight } }: Pick<ConnectedStore, 'collections'>): Promise<number> {
  const tallies = (await inFlight.find({}, { projection: { tallies: 1 } }).toArray()).flatMap((block) => block.tallies);
  return (await deliveries.countDocuments({ state: 'pending' })) + tallies.reduce((sum, { count }) => sum + count, 0);
}
