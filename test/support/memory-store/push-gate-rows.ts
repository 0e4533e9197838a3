import { FLOW_PAUSED, isTakeBack, LET_GO, PUSH_HELD, type DeliveryRow, type PushPlace, type StoreTransaction } from '@firsthand/pipeline';
import type { MemorySession } from './memory-tables.js';
import { present, type Tables } from './tables.js';

type PushGateRows = Pick<StoreTransaction, 'findPushGates' | 'writePushGates' | 'findHeldDeliveries' | 'countPendingChanges' | 'findHeldPeople'>;

/** Gates between segments and destinations, and what waits at them. */
export function pushGateRows(session: MemorySession, { pushGates, deliveries }: Tables): PushGateRows {
  const heldAt = ({ workspaceId, connectionId, segmentId }: PushPlace): DeliveryRow[] => session.select(deliveries, (row) => (
    row.workspaceId === workspaceId && row.connectionId === connectionId && row.segmentId === segmentId && row.state === 'pending' && row.reason === PUSH_HELD));
  return {
    async findPushGates(gateIds) {
      return new Map(present(gateIds, (id) => session.get(pushGates, id)));
    },

    async writePushGates(rows) {
      for (const row of rows) session.put(pushGates, row.gateId, { ...row, version: row.version + 1 });
    },

    async findHeldDeliveries(place, { createdUpTo, limit }) {
      return heldAt(place).filter(({ createdAt }) => createdUpTo === null || createdAt <= createdUpTo).sort((a, b) => a.createdAt - b.createdAt || a.seq - b.seq).slice(0, limit);
    },

    async countPendingChanges({ workspaceId, connectionId, segmentId }, kind, limit) {
      return session.select(deliveries, (row) => row.workspaceId === workspaceId && row.connectionId === connectionId && row.segmentId === segmentId && row.state === 'pending' && row.class === kind
        && row.operation !== 'erase' && row.reason !== PUSH_HELD && row.reason !== FLOW_PAUSED && !LET_GO.includes(row.reason ?? '') && !isTakeBack(row)).slice(0, limit).length;
    },

    async findHeldPeople(place, profileIds) {
      return [...new Set(heldAt(place).map(({ profileId }) => profileId).filter((id) => profileIds.includes(id)))];
    },
  };
}
