import { blocksOf, deliveriesInFlight, type Collections, type StoredDelivery } from '@firsthand/persistence';

/** The rows of a workspace that are being sent at this moment: a few thousand at most, and none of them in the outbox. */
export async function findInFlight({ inFlight }: Pick<Collections, 'inFlight'>, workspaceId: string): Promise<StoredDelivery[]> {
  return (await inFlight.find({ _id: blocksOf(workspaceId) }).toArray()).flatMap(deliveriesInFlight);
}

/** Sorts rows as the lists show them, each once: one may have landed between two reads. */
export function newestFirst(rows: readonly StoredDelivery[]): StoredDelivery[] {
  const byId = new Map(rows.map((row) => [row._id, row]));
  return [...byId.values()].sort((a, b) => b.createdAt - a.createdAt || (a._id < b._id ? 1 : -1));
}
