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
      await deliveries.bulkWrite(
        updates.map(({ deliveryId, state, reason, attempt, dueAt }) => (
          { updateOne: { filter: { _id: deliveryId }, update: { $set: { state, reason, attempt, dueAt } } } })),
        { session, ordered: false },
      );
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
