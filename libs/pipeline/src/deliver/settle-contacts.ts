import type { WorkspaceConfiguration } from '../ports/configuration.js';
import type { DeliveryRow } from '../ports/rows.js';
import type { StoreTransaction } from '../ports/store.js';
import type { Settled } from './settled.js';

/**
 * Keeps what frequency caps count to what was sent or may be: the count of a message that ends unsent is given back, in the transaction that ends it; one that
 * was replayed counts again when it has arrived.
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

function channelOf({ flowId, flowVersion, stepId }: DeliveryRow, configuration: WorkspaceConfiguration): string | undefined {
  const compiled = flowId === null || flowVersion === null ? undefined : configuration.flow(flowId, flowVersion)?.compiled;
  const step = compiled?.hasChannels === true ? compiled.definition.steps.find(({ id }) => id === stepId) : undefined;
  return step?.type === 'deliver' ? step.channel : undefined;
}
