import { FLOW_PAUSED, LET_GO, PUSH_HELD, TAKE_BACK_CAUSES, type PushPlace, type StoreTransaction } from '@firsthand/pipeline';
import { deliveryRow, pushGateRow } from '../store/read-rows.js';
import { ownKey } from '../store/store-key.js';
import type { TransactionScope } from './transaction-scope.js';

type PushGateRows = Pick<StoreTransaction, 'findPushGates' | 'writePushGates' | 'findHeldDeliveries' | 'countPendingChanges' | 'findHeldPeople'>;

const heldAt = ({ workspaceId, connectionId, segmentId }: PushPlace) => ({ workspaceId, connectionId, segmentId, state: 'pending', reason: PUSH_HELD }) as const;

/** Gates between segments and destinations, and what waits at them. */
export function pushGateRows({ collections: { pushGates, deliveries }, session, read }: Pick<TransactionScope, 'collections' | 'session' | 'read'>): PushGateRows {
  return {
    async findPushGates(gateIds) {
      if (gateIds.length === 0) return new Map();
      return new Map((await pushGates.find({ _id: { $in: [...gateIds] } }, read).toArray()).map((row) => [row._id, pushGateRow(row)]));
    },

    async writePushGates(rows) {
      if (rows.length === 0) return;
      await pushGates.bulkWrite(rows.map(({ gateId, ...row }) => (
        { replaceOne: { filter: { _id: ownKey(row.workspaceId, gateId) }, replacement: { schemaVersion: 1, ...row, breaches: [...row.breaches], version: row.version + 1 }, upsert: true } })), { session, ordered: false });
    },

    async findHeldDeliveries(place, { createdUpTo, limit }) {
      const filter = { ...heldAt(place), ...(createdUpTo === null ? {} : { createdAt: { $lte: createdUpTo } }) };
      return (await deliveries.find(filter, { ...read, sort: { createdAt: 1, seq: 1 }, limit }).toArray()).map(deliveryRow);
    },

    async countPendingChanges({ workspaceId, connectionId, segmentId }, kind, limit) {
      const filter = {
        workspaceId, connectionId, state: 'pending', class: kind, segmentId, operation: { $ne: 'erase' }, reason: { $nin: [PUSH_HELD, FLOW_PAUSED, ...LET_GO] }, ...(kind === 'data' ? {} : { cause: { $nin: [...TAKE_BACK_CAUSES] } }),
      } as const;
      return (await deliveries.find(filter, { ...read, limit }).project({ _id: 1 }).toArray()).length;
    },

    async findHeldPeople(place, profileIds) {
      if (profileIds.length === 0) return [];
      const found = await deliveries.find({ ...heldAt(place), profileId: { $in: [...new Set(profileIds)] } }, read).project<{ profileId: string }>({ _id: 0, profileId: 1 }).toArray();
      return [...new Set(found.map(({ profileId }) => profileId))];
    },
  };
}
