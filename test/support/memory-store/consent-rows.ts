import { identityKey, type Identity } from '@firsthand/domain';
import { groupBy, type StoreTransaction } from '@firsthand/pipeline';
import type { MemorySession } from './memory-tables.js';
import { keyOf, present, type Tables } from './tables.js';

type ConsentRows = Pick<StoreTransaction, 'findConsentStates' | 'findConsentRecords' | 'findConsentRecordsById' | 'insertConsentRecords' | 'takeUnsealed' | 'findSalts' | 'insertSalts' | 'writeConsentStates' | 'findTombstones' | 'insertPrivacyRequests' | 'movePrivacyRequests' | 'findConfirmations' | 'writeConfirmations'>;

/** Transactions whose records make one block, at most. */
const MAX_UNSEALED = 50;

/** The append-only consent log, the state folded from it, salts, requests and tombstones. */
export function consentRows(session: MemorySession, { confirmations, consents, unsealedConsents, consentStates, salts, tombstones, privacyRequests }: Tables): ConsentRows {
  return {
    async findConsentStates(workspaceId, profileIds) {
      return new Map(present(profileIds, (id) => session.get(consentStates, keyOf(workspaceId, id))?.state));
    },

    async findConsentRecords(workspaceId, identityKeys) {
      const keys = new Set(identityKeys);
      return keys.size === 0 ? [] : session.select(consents, (record) => record.workspaceId === workspaceId && keys.has(record.identityKey));
    },

    async findConsentRecordsById(workspaceId, recordIds) {
      return present(recordIds, (id) => session.get(consents, keyOf(workspaceId, id))).map(([, record]) => record);
    },

    async insertConsentRecords(records) {
      for (const record of records) session.insert(consents, keyOf(record.workspaceId, record.recordId), record);
      for (const [workspaceId, own] of groupBy(records.filter(({ seal }) => seal !== undefined), (record) => record.workspaceId)) {
        session.insert(unsealedConsents, keyOf(workspaceId, session.database.newId()), { workspaceId, proofs: own.flatMap(({ recordId, seal }) => (seal === undefined ? [] : [{ recordId, hash: seal.hash }])) });
      }
    },

    async takeUnsealed(workspaceId) {
      const ids: string[] = [];
      const found = session.select(unsealedConsents, (row, id) => row.workspaceId === workspaceId && ids.length < MAX_UNSEALED && ids.push(id) > 0);
      for (const id of ids) session.remove(unsealedConsents, id);
      return found.flatMap(({ proofs }) => proofs);
    },

    async findSalts(workspaceId, profileIds) {
      return new Map(present(profileIds, (id) => session.get(salts, keyOf(workspaceId, id))));
    },

    async insertSalts(workspaceId, made) {
      for (const [id, salt] of made) session.insert(salts, keyOf(workspaceId, id), salt);
    },

    async writeConsentStates(workspaceId, states) {
      for (const [profileId, state] of states) session.put(consentStates, keyOf(workspaceId, profileId), { profileId, state });
    },

    async findTombstones(workspaceId, digests) {
      return new Set(present(digests, (digest) => session.get(tombstones, keyOf(workspaceId, digest))).map(([digest]) => digest));
    },

    async findConfirmations(confirmationIds) {
      return new Map(present(confirmationIds, (id) => session.get(confirmations, id)));
    },

    async writeConfirmations(rows) {
      for (const row of rows) session.put(confirmations, row.confirmationId, row);
    },

    async movePrivacyRequests(workspaceId, { from, to, identities }) {
      const theirs = new Set(identities.map(identityKey));
      const isTheirs = (row: { profileId: string | null; identities: readonly Identity[] }): boolean => row.profileId !== null && from.includes(row.profileId) && row.identities.length > 0 && row.identities.every((one) => theirs.has(identityKey(one)));
      for (const row of session.select(privacyRequests, (one) => one.workspaceId === workspaceId && isTheirs(one))) session.put(privacyRequests, row.requestId, { ...row, profileId: to });
    },

    async insertPrivacyRequests(rows) {
      for (const row of rows) if (session.get(privacyRequests, row.requestId) === undefined) session.put(privacyRequests, row.requestId, row);
    },
  };
}
