import { randomUUID } from 'node:crypto';
import type { ConsentProof, StoreTransaction } from '@firsthand/pipeline';
import { confirmationRow, consentRecord } from '../store/read-rows.js';
import { storedPrivacyRequest } from '../store/mongo-privacy-requests.js';
import { storeKey } from '../store/store-key.js';
import { findAll } from './find-all.js';
import type { TransactionScope } from './transaction-scope.js';

type ConsentRows = Pick<StoreTransaction, 'findConsentStates' | 'findConsentRecords' | 'findConsentRecordsById' | 'insertConsentRecords' | 'takeUnsealed' | 'findSalts' | 'insertSalts' | 'writeConsentStates' | 'findTombstones' | 'insertPrivacyRequests' | 'movePrivacyRequests' | 'findConfirmations' | 'writeConfirmations'>;

/** Transactions whose records make one block, at most. */
const MAX_UNSEALED = 50;

/** The append-only consent log, the state folded from it, requests to be erased, and the tombstones of the erased. */
export function consentRows(scope: TransactionScope): ConsentRows {
  const { collections: { confirmations, consents, consentStates, privacyRequests, salts, tombstones, unsealedConsents }, session, read } = scope;
  return {
    async findConsentStates(workspaceId, profileIds) {
      if (profileIds.length === 0) return new Map();
      const found = await findAll(scope, consentStates, { _id: { $in: profileIds.map((id) => storeKey(workspaceId, id)) } });
      return new Map(found.map(({ profileId, state }) => [profileId, state]));
    },

    async findConsentRecords(workspaceId, identityKeys) {
      if (identityKeys.length === 0) return [];
      return (await consents.find({ workspaceId, identityKey: { $in: [...identityKeys] } }, read).toArray()).map(consentRecord);
    },

    async findConsentRecordsById(workspaceId, recordIds) {
      if (recordIds.length === 0) return [];
      return (await consents.find({ _id: { $in: recordIds.map((id) => storeKey(workspaceId, id)) } }, read).toArray()).map(consentRecord);
    },

    async insertConsentRecords(records) {
      if (records.length === 0) return;
      await consents.insertMany(records.map((record) => ({ _id: storeKey(record.workspaceId, record.recordId), schemaVersion: 1, ...record })), { session });
      const waiting = new Map<string, ConsentProof[]>();
      for (const { workspaceId, recordId, seal } of records) if (seal !== undefined) waiting.set(workspaceId, [...(waiting.get(workspaceId) ?? []), { recordId, hash: seal.hash }]);
      if (waiting.size > 0) await unsealedConsents.insertMany([...waiting].map(([workspaceId, proofs]) => ({ _id: storeKey(workspaceId, randomUUID()), schemaVersion: 1, workspaceId, consents: proofs })), { session });
    },

    async takeUnsealed(workspaceId) {
      const found = await unsealedConsents.find({ workspaceId }, { ...read, sort: { _id: 1 }, limit: MAX_UNSEALED }).toArray();
      await unsealedConsents.deleteMany({ _id: { $in: found.map(({ _id }) => _id) } }, { session });
      return found.flatMap(({ consents: proofs }) => proofs);
    },

    async findSalts(workspaceId, profileIds) {
      const found = await findAll(scope, salts, { _id: { $in: profileIds.map((id) => storeKey(workspaceId, id)) } });
      return new Map(found.map(({ _id, salt }) => [_id.slice(workspaceId.length + 1), salt]));
    },

    async insertSalts(workspaceId, made) {
      if (made.size > 0) await salts.insertMany([...made].map(([id, salt]) => ({ _id: storeKey(workspaceId, id), schemaVersion: 1, workspaceId, salt })), { session });
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

    async findConfirmations(confirmationIds) {
      if (confirmationIds.length === 0) return new Map();
      return new Map((await confirmations.find({ _id: { $in: [...confirmationIds] } }, read).toArray()).map((row) => [row._id, confirmationRow(row)]));
    },

    async writeConfirmations(rows) {
      if (rows.length === 0) return;
      await confirmations.bulkWrite(
        rows.map(({ confirmationId: _id, ...row }) => (
          { replaceOne: { filter: { _id }, replacement: { _id, schemaVersion: 1, ...row, lastSentAt: row.sentAt.at(-1) ?? 0, expireAt: new Date(row.forgetAt) }, upsert: true } })),
        { session, ordered: false },
      );
    },

    async movePrivacyRequests(workspaceId, { from, to, identities }) {
      const theirs = identities.map(({ namespace, value }) => ({ namespace, value }));
      if (theirs.length === 0) return;
      await privacyRequests.updateMany(
        { workspaceId, 'content.profileId': { $in: [...from] }, 'content.identities': { $elemMatch: { $or: theirs }, $not: { $elemMatch: { $nor: theirs } } } }, { $set: { 'content.profileId': to }, $inc: { version: 1 } }, { session });
    },

    async insertPrivacyRequests(rows) {
      if (rows.length === 0) return;
      await privacyRequests.bulkWrite(
        rows.map((row) => {
          const { _id, ...inserted } = storedPrivacyRequest(row);
          return { updateOne: { filter: { _id }, update: { $setOnInsert: inserted }, upsert: true } };
        }),
        { session, ordered: false },
      );
    },

    async findTombstones(workspaceId, digests) {
      if (digests.length === 0) return new Set();
      const found = await findAll(scope, tombstones, { _id: { $in: digests.map((digest) => storeKey(workspaceId, digest)) } }, { projection: { _id: 1 } });
      return new Set(found.map(({ _id }) => _id.slice(workspaceId.length + 1)));
    },
  };
}
