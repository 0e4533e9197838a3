import type { StoreTransaction } from '@firsthand/pipeline';
import { disclosureRow } from '../store/read-rows.js';
import { ownKey, storeKey } from '../store/store-key.js';
import type { TransactionScope } from './transaction-scope.js';

type DeliveryRows = Pick<StoreTransaction, 'findDisclosures' | 'addDisclosures' | 'insertDeliveries' | 'updateDeliveries' | 'insertRuns' | 'deleteRuns'>;

/** The outbox, what recipients got so far, and the flow runs that wait. */
export function deliveryRows({ collections: { disclosures, deliveries, runs }, session }: TransactionScope): DeliveryRows {
  return {
    async findDisclosures(workspaceId, profileIds, connectionId) {
      if (profileIds.length === 0) return [];
      const filter = { workspaceId, profileId: { $in: [...profileIds] }, ...(connectionId === undefined ? {} : { connectionId }) };
      return (await disclosures.find(filter, { session }).toArray()).map(disclosureRow);
    },

    async addDisclosures(rows) {
      if (rows.length === 0) return;
      await disclosures.bulkWrite(
        rows.map(({ workspaceId, connectionId, action, profileId, purposes, fields, identifiers, firstAt }) => ({
          updateOne: {
            filter: { _id: storeKey(workspaceId, connectionId, action, profileId) },
            update: {
              $setOnInsert: { schemaVersion: 1, workspaceId, connectionId, action, profileId },
              $min: { firstAt },
              $addToSet: { purposes: { $each: purposes }, fields: { $each: fields }, identifiers: { $each: identifiers } },
            },
            upsert: true,
          },
        })),
        { session, ordered: false },
      );
    },

    async insertDeliveries(rows) {
      if (rows.length === 0) return;
      await deliveries.insertMany(rows.map(({ deliveryId, ...row }) => (
        { _id: ownKey(row.workspaceId, deliveryId), schemaVersion: 1, ...row })), { session, ordered: false });
    },

    async updateDeliveries(updates) {
      if (updates.length === 0) return;
      await deliveries.bulkWrite(groupAlike(updates), { session, ordered: false });
    },

    async insertRuns(rows) {
      if (rows.length === 0) return;
      await runs.insertMany(rows.map(({ runId, ...row }) => ({ _id: runId, schemaVersion: 1, ...row })), { session, ordered: false });
    },

    async deleteRuns(runIds) {
      if (runIds.length > 0) await runs.deleteMany({ _id: { $in: [...runIds] } }, { session });
    },
  };
}

type DeliveryUpdate = Parameters<StoreTransaction['updateDeliveries']>[0][number];

/** Most of a tick's rows end alike, at their first try: one statement sets them all, where one each costs the server four times as much. */
function groupAlike(updates: readonly DeliveryUpdate[]): { updateMany: { filter: { _id: { $in: string[] } }; update: { $set: Partial<DeliveryUpdate> } } }[] {
  const groups = new Map<string, { ids: string[]; fields: Partial<DeliveryUpdate> }>();
  for (const { deliveryId, state, reason, attempt, dueAt } of updates) {
    // Only a row that waits has a due time that matters.
    const fields = state === 'pending' ? { state, reason, attempt, dueAt } : { state, reason, attempt };
    const key = JSON.stringify(fields);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { ids: [deliveryId], fields });
    else group.ids.push(deliveryId);
  }
  return [...groups.values()].map(({ ids, fields }) => ({ updateMany: { filter: { _id: { $in: ids } }, update: { $set: fields } } }));
}
