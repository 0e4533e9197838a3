import type { StoreTransaction } from '@firsthand/pipeline';
import { consentRecord } from '../store/read-rows.js';
import { ownKey, storeKey } from '../store/store-key.js';
import type { TransactionScope } from './transaction-scope.js';

type ConsentRows = Pick<StoreTransaction, 'findConsentStates' | 'findConsentRecords' | 'insertConsentRecords' | 'writeConsentStates' | 'findTombstones' | 'insertPrivacyRequests'>;

/** The append-only consent log, the state folded from it, requests to be erased, and the tombstones of the erased. */
export function consentRows({ collections: { consents, consentStates, privacyRequests, tombstones }, session, read }: TransactionScope): ConsentRows {
  return {
    async findConsentStates(workspaceId, profileIds) {
      if (profileIds.length === 0) return new Map();
      const found = await consentStates.find({ _id: { $in: profileIds.map((id) => storeKey(workspaceId, id)) } }, read).toArray();
      return new Map(found.map(({ profileId, state }) => [profileId, state]));
    },

    async findConsentRecords(workspaceId, identityKeys) {
      if (identityKeys.length === 0) return [];
      return (await consents.find({ workspaceId, identityKey: { $in: [...identityKeys] } }, read).toArray()).map(consentRecord);
    },

    async insertConsentRecords(records) {
      if (records.length === 0) return;
      await consents.insertMany(records.map((record) => ({ _id: storeKey(record.workspaceId, record.recordId), schemaVersion: 1, ...record })), { session });
    },

    async writeConsentStates(workspaceId, states) {
      if (states.size === 0) return;
      await consentStates.bulkWrite(
        [...states].map(([profileId, state]) => {
          const _id = storeKey(workspaceId, profileId);
          return { replaceOne: { filter: { _id }, replacement: { _id, schemaVersion: 1, workspaceId, profileId, state }, upsert: true } };
        }),
        { session, ordered: false },
      );
    },

    async insertPrivacyRequests(rows) {
      if (rows.length === 0) return;
      await privacyRequests.bulkWrite(
        rows.map(({ requestId, workspaceId, ...content }) => {
          const _id = ownKey(workspaceId, requestId);
          const id = _id.slice(workspaceId.length + 1);
          const inserted = { schemaVersion: 1, id, workspaceId, version: 1, createdAt: content.receivedAt, updatedAt: content.receivedAt, content };
          return { updateOne: { filter: { _id }, update: { $setOnInsert: inserted }, upsert: true } };
        }),
        { session, ordered: false },
      );
    },

    async findTombstones(workspaceId, digests) {
      if (digests.length === 0) return new Set();
      const found = await tombstones.find({ _id: { $in: digests.map((digest) => storeKey(workspaceId, digest)) } }, { ...read, projection: { _id: 1 } }).toArray();
      return new Set(found.map(({ _id }) => _id.slice(workspaceId.length + 1)));
    },
  };
}
