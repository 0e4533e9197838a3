import { HOLDS_UP_NOTHING, type DeliveryRow, type DeliveryUpdate, type StoreTransaction } from '@firsthand/pipeline';
import { deliveryRow, disclosureRow } from '../store/read-rows.js';
import { storeKey } from '../store/store-key.js';
import { findAll } from './find-all.js';
import { moveInFlight, storedDelivery } from './in-flight-rows.js';
import type { TransactionScope } from './transaction-scope.js';
import { noteDisclosure } from './note-disclosure.js';
import { insertAll } from './write-commands.js';

/** The index of a lane's pending rows by person (delivery-schemas.ts). */
const PENDING_BY_PERSON = { workspaceId: 1, connectionId: 1, profileId: 1, dueAt: 1 } as const;

type DeliveryRows = Pick<StoreTransaction, 'findDisclosures' | 'addDisclosures' | 'meetDisclosures' | 'removeDisclosed' | 'countPending' | 'findWaitingPeople' | 'findDeliveries' | 'findPendingAdditions' | 'findPendingRemovals' | 'findErases' | 'findPendingData' | 'insertDeliveries' | 'moveDeliveries' | 'updateDeliveries'>;

/** The outbox, and what recipients got so far. */
export function deliveryRows(scope: TransactionScope): DeliveryRows {
  const { collections: { disclosures, deliveries, contacts }, session, read } = scope;
  return {
    async findDisclosures(workspaceId, profileIds, connectionId) {
      if (profileIds.length === 0) return [];
      const filter = { workspaceId, profileId: { $in: [...profileIds] }, ...(connectionId === undefined ? {} : { connectionId }) };
      return (await findAll(scope, disclosures, filter)).map(disclosureRow);
    },

    async addDisclosures(rows) {
      if (rows.length === 0) return;
      await disclosures.bulkWrite(rows.map((row) => ({ updateOne: noteDisclosure(row) })), { session, ordered: false });
    },

    async meetDisclosures(places) {
      if (places.length === 0) return;
      const ids = [...new Set(places.map(({ workspaceId, connectionId, action, profileId }) => storeKey(workspaceId, connectionId, action, profileId)))];
      await disclosures.bulkWrite(ids.map((_id) => ({ updateOne: { filter: { _id }, update: { $set: { isMet: true } }, upsert: true } })), { session, ordered: false });
      await disclosures.deleteMany({ _id: { $in: ids }, profileId: { $exists: false } }, { session });
      await disclosures.updateMany({ _id: { $in: ids } }, { $unset: { isMet: 1 } }, { session });
    },

    async removeDisclosed({ workspaceId, connectionId, action, profileId }, identifiers) {
      await disclosures.updateOne({ _id: storeKey(workspaceId, connectionId, action, profileId) }, { $pull: { identifiers: { $in: [...identifiers] } } }, { session });
    },

    async countPending({ workspaceId, connectionId }, profileIds) {
      if (profileIds.length === 0) return new Map();
      // Read from the index alone.
      const found = await findAll(scope, deliveries, { workspaceId, connectionId, state: 'pending', profileId: { $in: [...profileIds] } }, { hint: PENDING_BY_PERSON, projection: { _id: 0, profileId: 1 } });
      const counts = new Map<string, number>();
      for (const { profileId } of found) counts.set(profileId, (counts.get(profileId) ?? 0) + 1);
      return counts;
    },

    async findWaitingPeople({ workspaceId, connectionId }, profileIds, now) {
      const waiting = new Map<string, number>();
      if (profileIds.length === 0) return waiting;
      const filter = { workspaceId, connectionId, state: 'pending', profileId: { $in: [...profileIds] }, dueAt: { $gt: now }, reason: { $nin: [...HOLDS_UP_NOTHING] } } as const;
      for (const { profileId, dueAt } of await findAll(scope, deliveries, filter, { hint: PENDING_BY_PERSON, projection: { profileId: 1, dueAt: 1 } })) waiting.set(profileId, Math.max(waiting.get(profileId) ?? 0, dueAt));
      return waiting;
    },

    async findDeliveries(deliveryIds) {
      if (deliveryIds.length === 0) return [];
      return (await findAll(scope, deliveries, { _id: { $in: [...deliveryIds] } })).map(deliveryRow);
    },

    async findPendingAdditions(workspaceId, profileIds, segmentIds) {
      if (profileIds.length === 0 || segmentIds.length === 0) return [];
      const filter = { workspaceId, profileId: { $in: [...profileIds] }, segmentId: { $in: [...segmentIds] }, state: 'pending', operation: 'addMembers' } as const;
      return (await deliveries.find(filter, read).toArray()).map(deliveryRow);
    },

    async findPendingRemovals(workspaceId, profileIds) {
      if (profileIds.length === 0) return [];
      const filter = { workspaceId, profileId: { $in: [...profileIds] }, state: 'pending', class: 'suppression' } as const;
      return (await deliveries.find(filter, read).toArray()).map(deliveryRow);
    },

    async findErases(workspaceId, profileIds, givenTo = profileIds) {
      if (profileIds.length === 0) return [];
      const erases = (await deliveries.find({ workspaceId, profileId: { $in: [...profileIds] }, class: 'suppression', operation: 'erase' }, read).toArray()).map(deliveryRow);
      const standing: DeliveryRow[] = [];
      for (const row of erases) {
        const again = await deliveries.findOne({ workspaceId, profileId: { $in: [...givenTo] }, connectionId: row.connectionId, class: 'data', state: 'delivered', createdAt: { $gt: row.createdAt } }, { ...read, projection: { _id: 1 } });
        if (again === null) standing.push(row);
      }
      return standing;
    },

    async findPendingData(workspaceId, profileIds, connectionId) {
      if (profileIds.length === 0) return [];
      const filter = { workspaceId, profileId: { $in: [...profileIds] }, state: 'pending', class: 'data' } as const;
      // At one destination nothing is read of what has ended, which soon is the most of a person's rows.
      const found = connectionId === undefined ? deliveries.find(filter, read) : deliveries.find({ ...filter, connectionId }, { ...read, hint: PENDING_BY_PERSON });
      return (await found.toArray()).map(deliveryRow);
    },

    insertDeliveries: (rows) => insertAll(scope, deliveries, rows.map(storedDelivery)),

    async moveDeliveries(workspaceId, { from, to, eventIds }) {
      if (eventIds.length === 0) return;
      const ids = (await findAll(scope, deliveries, { workspaceId, profileId: from, eventId: { $in: [...eventIds] } }, { projection: { _id: 1 } })).map(({ _id }) => _id);
      await deliveries.updateMany({ _id: { $in: ids } }, { $set: { profileId: to } }, { session });
      await contacts.updateMany({ _id: { $in: ids } }, { $set: { profileId: to } }, { session });
      await moveInFlight(scope, workspaceId, { from, to, eventIds });
    },

    async updateDeliveries(updates) {
      if (updates.length === 0) return;
      await deliveries.bulkWrite(groupAlike(updates), { session, ordered: false });
    },
  };
}

/** Most of a tick's rows end alike, at their first try: one statement sets them all, where one each costs the server four times as much. */
function groupAlike(updates: readonly DeliveryUpdate[]): { updateMany: { filter: { _id: { $in: string[] } }; update: { $set: Partial<DeliveryUpdate> } } }[] {
  const groups = new Map<string, { ids: string[]; fields: Partial<DeliveryUpdate> }>();
  for (const { deliveryId, state, reason, attempt, dueAt, operation, exchange, retryFrom, profileId } of updates) {
    // Only a row that waits has a due time that matters.
    const fields = { state, reason, attempt, ...(state === 'pending' ? { dueAt } : {}), ...(operation === undefined ? {} : { operation }), ...(exchange === undefined ? {} : { exchange }), ...(retryFrom === undefined ? {} : { retryFrom }), ...(profileId === undefined ? {} : { profileId }) };
    const key = JSON.stringify(fields);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { ids: [deliveryId], fields });
    else group.ids.push(deliveryId);
  }
  return [...groups.values()].map(({ ids, fields }) => ({ updateMany: { filter: { _id: { $in: ids } }, update: { $set: fields } } }));
}
