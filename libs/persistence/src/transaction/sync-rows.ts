import type { StoreTransaction } from '@firsthand/pipeline';
import { stoppedBy } from '../store/mongo-sync-states.js';
import { syncStateRow } from '../store/read-rows.js';
import { storeKey } from '../store/store-key.js';
import type { TransactionScope } from './transaction-scope.js';

type SyncRows = Pick<StoreTransaction, 'findSyncStates' | 'writeSyncStates'>;

/** What systems are known to hold. */
export function syncRows({ collections: { syncStates }, session, read }: Pick<TransactionScope, 'collections' | 'session' | 'read'>): SyncRows {
  return {
    async findSyncStates(workspaceId, profileIds, connectionIds) {
      if (profileIds.length === 0 || connectionIds.length === 0) return [];
      const ids = [...new Set(connectionIds)].flatMap((connectionId) => [...new Set(profileIds)].map((profileId) => storeKey(workspaceId, connectionId, profileId)));
      return (await syncStates.find({ _id: { $in: ids } }, read).toArray()).map(syncStateRow);
    },

    async writeSyncStates(rows) {
      if (rows.length === 0) return;
      await syncStates.bulkWrite(rows.map((row) => ({
        replaceOne: { filter: { _id: storeKey(row.workspaceId, row.connectionId, row.profileId) }, replacement: { schemaVersion: 1, ...row, names: [...row.names], ...stoppedBy(row) }, upsert: true },
      })), { session, ordered: false });
    },
  };
}
