import type { WorkspaceConfiguration } from '../ports/configuration.js';
import type { DeliveryRow } from '../ports/rows.js';
import type { StoreTransaction } from '../ports/store.js';
import { channelOf } from './channel-of.js';
import type { Settled } from './settled.js';

/**
 * Keeps what frequency caps count to what was sent or may be: the count of a message that ends unsent is given back, in the transaction that ends it; one that
 * was replayed, let go at a gate or put off for the night counts from when it has arrived.
 */
export async function settleContacts(tx: StoreTransaction, unsent: readonly DeliveryRow[], settled: readonly Settled[], configuration: WorkspaceConfiguration): Promise<void> {
  const arrived = settled.flatMap(({ row, settledAt, result }) => {
    const channel = result.outcome === 'delivered' && row.retryFrom !== undefined ? channelOf(row, configuration) : undefined;
    return channel === undefined ? [] : [{ contactId: row.deliveryId, workspaceId: row.workspaceId, profileId: row.profileId, channel, at: settledAt }];
  });
  const gone = [...unsent.filter((row) => channelOf(row, configuration) !== undefined).map(({ deliveryId }) => deliveryId), ...arrived.map(({ contactId }) => contactId)];
  if (gone.length > 0) await tx.deleteContacts(gone);
  if (arrived.length > 0) await tx.insertContacts(arrived);
}
