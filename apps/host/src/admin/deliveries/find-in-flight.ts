import { blocksOf, deliveriesInFlight, storeKey, type Collections, type StoredDelivery } from '@firsthand/persistence';

/** The rows of a workspace that are being sent at this moment: a few thousand at most, and none of them in the outbox. */
export async function findInFlight({ inFlight }: Pick<Collections, 'inFlight'>, workspaceId: string): Promise<StoredDelivery[]> {
  return (await inFlight.find({ _id: blocksOf(workspaceId) }).toArray()).flatMap(deliveriesInFlight);
}

/** One delivery, wherever it lies. In flight first: what is not there any more has become a row. */
export async function findRow(collections: Pick<Collections, 'inFlight' | 'deliveries'>, workspaceId: string, id: string): Promise<StoredDelivery | null> {
  const _id = storeKey(workspaceId, id);
  return (await findInFlight(collections, workspaceId)).find((one) => one._id === _id) ?? (await collections.deliveries.findOne({ _id }));
}

/** Sorts rows as the lists show them, each once: one may have landed between two reads. */
export function newestFirst(rows: readonly StoredDelivery[]): StoredDelivery[] {
  const byId = new Map(rows.map((row) => [row._id, row]));
  return [...byId.values()].sort((a, b) => b.createdAt - a.createdAt || (a._id < b._id ? 1 : -1));
}
