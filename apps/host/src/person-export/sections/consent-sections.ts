import { FirsthandError, type JsonObject } from '@firsthand/domain';
import { namingIdentities } from '@firsthand/pipeline';
import { issueReceipt } from '../../admin/consents/consent-receipts.js';
import { standingsOf, viewRecord } from '../../admin/consents/consents.js';
import { iso, type ExportedPerson, type ExportSection, type ExportSource } from '../export-source.js';

const decisions: ExportSection = {
  name: 'decisions', from: ['consentStates'], columns: ['purpose', 'recipient', 'isAllowed', 'reason', 'validUntil'],
  async *read(source, person) {
    for (const purpose of (await standingsOf(source, person.workspaceId, person, person.profile.identities)).purposes) yield { ...purpose };
  },
};

const consents: ExportSection = {
  name: 'consents', from: ['consents'],
  async *read(source, person) {
    const { workspaceId, subject: { identityKeys } } = person;
    for await (const record of source.collections.consents.find({ workspaceId, identityKey: { $in: [...identityKeys] } }, { sort: { recordedAt: 1 }, batchSize: 100 })) {
      yield { identity: record.identityKey, ...viewRecord(record), ...(await receiptOf(source, person, record.recordId)) };
    }
  },
};

/** A record whose seal is broken, or that is of before there were seals, has no receipt; it is told all the same. */
async function receiptOf(source: ExportSource, { workspaceId, profile }: ExportedPerson, recordId: string): Promise<JsonObject> {
  try {
    return { receipt: (await issueReceipt(source, workspaceId, recordId, profile.identities)).jws };
  } catch (error) {
    if (error instanceof FirsthandError && error.code === 'RECORD_NOT_INTACT') return { receipt: null };
    throw error;
  }
}

const requests: ExportSection = {
  name: 'requests', from: ['privacyRequests'], columns: ['id', 'kind', 'status', 'receivedAt', 'dueAt'],
  async *read({ collections }, { workspaceId, profileIds, profile }) {
    const named = namingIdentities(profile).map(({ namespace, value }) => ({ namespace, value }));
    const rows = collections.privacyRequests.find({ workspaceId, $or: [{ 'content.profileId': { $in: profileIds } }, { 'content.identities': { $in: named } }] }, { sort: { _id: 1 } });
    for await (const { id, content: { kind, status, identities: asked, requestedAt, receivedAt, dueAt } } of rows) {
      yield { id, kind, status, identities: asked.map(({ namespace, value }) => ({ namespace, value })), requestedAt: iso(requestedAt), receivedAt: iso(receivedAt), dueAt: iso(dueAt) };
    }
  },
};

/** What the person decided, with a receipt for each decision, and what they asked for. */
export const CONSENT_SECTIONS: readonly ExportSection[] = [decisions, consents, requests];
