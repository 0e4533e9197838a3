import type { JsonObject, JsonValue } from '@firsthand/domain';
import { audienceMemberRow, disclosureRow, type StoredDelivery } from '@firsthand/persistence';
import { viewDelivery } from '../../admin/deliveries/delivery-view.js';
import { findEvidence, type DeliveryEvidence } from '../../admin/deliveries/find-evidence.js';
import { findInFlight } from '../../admin/deliveries/find-in-flight.js';
import { inWords, stateInWords } from '../../admin/deliveries/reason-words.js';
import { connectionName, iso, ownId, type ExportedPerson, type ExportSection, type ExportSource } from '../export-source.js';

const PAGE = 100;

const recipients: ExportSection = {
  name: 'recipients', from: ['disclosures', 'audienceMembers'],
  async *read(source, { workspaceId, profileIds }) {
    const members = (await source.collections.audienceMembers.find({ workspaceId, profileId: { $in: profileIds } }).toArray()).map(audienceMemberRow);
    for await (const stored of source.collections.disclosures.find({ workspaceId, profileId: { $in: profileIds } })) {
      const { connectionId, action, purposes, fields, identifiers, firstAt, grounds } = disclosureRow(stored);
      const newest = [...grounds].sort((one, other) => one.lastAt - other.lastAt).at(-1);
      const destination = source.configuration.workspace(workspaceId).destinations.get(connectionId);
      const inAudience = members.filter((member) => member.connectionId === connectionId && member.action === action).flatMap(({ sets }) => sets);
      yield {
        name: newest?.recipientName ?? destination?.name ?? connectionId, kind: newest?.recipient ?? destination?.recipient ?? null, country: newest === undefined ? (destination?.country ?? null) : newest.country,
        action, purposes, fields, identifiers, firstAt: iso(firstAt), lastAt: iso(newest?.lastAt ?? null),
        grounds: grounds.map(({ purpose, reason, agreementId, agreementVersion, fields: covered, firstAt: first, lastAt }) => (
          { purpose, reason, words: inWords(reason), agreementId, agreementVersion, fields: covered, firstAt: iso(first), lastAt: iso(lastAt) })),
        audience: inAudience as unknown as JsonValue,
      };
    }
  },
};

const deliveries: ExportSection = {
  name: 'deliveries', from: ['deliveries'],
  async *read(source, person) {
    for await (const page of deliveryPages(source, person)) {
      const proof = await findEvidence(source, person.workspaceId, page.map(({ _id }) => _id));
      for (const row of page) yield viewRow(source, row, proof.get(row._id));
    }
  },
};

/** What is being sent at this moment, and the outbox; a row that lands in between is told twice rather than not at all. */
async function* deliveryPages({ collections }: ExportSource, { workspaceId, profileIds }: ExportedPerson): AsyncGenerator<StoredDelivery[]> {
  let page = (await findInFlight(collections, workspaceId)).filter(({ profileId }) => profileIds.includes(profileId));
  for await (const row of collections.deliveries.find({ workspaceId, profileId: { $in: profileIds } }, { sort: { seq: 1 }, batchSize: PAGE, allowDiskUse: true })) {
    if (page.push(row) < PAGE) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

/** Without keys of the platform's own: what joins rows to each other says nothing about the person. */
function viewRow(source: ExportSource, row: StoredDelivery, proof: DeliveryEvidence = { evidence: [], outcomes: [] }): JsonObject {
  const { id, connectionId, action, operation, class: ofClass, purpose, flowId, segmentId, cause, state, reason, createdAt } = viewDelivery(row);
  return {
    id, recipient: connectionName(source, row.workspaceId, connectionId) ?? connectionId, action, operation, class: ofClass, purpose, flowId, segmentId, eventId: row.eventId === null ? null : ownId(row.workspaceId, row.eventId), cause, state, reason,
    words: stateInWords(state, reason), createdAt,
    attempts: proof.evidence.map(({ attempt, fields, isAllowed, reason: why, recordId, agreementId, agreementVersion, evaluatedAt }) => {
      const outcome = proof.outcomes.find((one) => one.attempt === attempt);
      return { attempt, isAllowed, reason: why, words: inWords(why), fields, recordId, agreementId, agreementVersion, evaluatedAt, sentAt: outcome?.sentAt ?? null, outcome: outcome?.outcome ?? null };
    }),
  };
}

/** Who got what of the person, and each single sending with why it was allowed or not. */
export const DELIVERY_SECTIONS: readonly ExportSection[] = [recipients, deliveries];
