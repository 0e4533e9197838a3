import type { CanonicalRecord, ConsentRecord, Profile } from '@firsthand/domain';
import type { DeliveryRow, DisclosureRow, EventRow, IdentityLinkRow, MatchSuggestionRow, InboxDocument, RunRow } from '@firsthand/pipeline';

const workspaceId = 'acme';

/** Rows for specs of the store: complete, and all of the workspace `acme` unless overridden. */
export const row = {
  inbox: (name: string, over: Partial<InboxDocument> = {}): InboxDocument => ({
    inboxId: `${workspaceId}|${name}`, workspaceId, partition: 0, receivedAt: 1_000, attempt: 0,
    records: [{
      connectionId: 'web', receivedAt: 1_000, mappingVersion: 1, isVerified: false, isImport: false, raw: { messageId: name }, record: null, refusal: null, fault: null,
    }],
    ...over,
  }),

  record: (over: Partial<CanonicalRecord> = {}): CanonicalRecord => ({
    type: 'track', name: 'Order Completed', messageId: 'm1', occurredAt: 1_000, identities: [{ namespace: 'email', value: 'ana@example.com' }],
    profile: {}, properties: {}, consents: {}, context: {}, flags: [], ...over,
  }),

  event: (name: string, over: Partial<EventRow> = {}): EventRow => ({
    eventId: `${workspaceId}|${name}`, workspaceId, connectionId: 'web', profileId: 'p1', receivedAt: Date.now(), record: row.record({ messageId: name }),
    raw: { id: name }, mappingVersion: 1, ...over,
  }),

  profile: (profileId: string, over: Partial<Profile> = {}): Profile => ({
    profileId, workspaceId, subjectKey: 'k', version: 1, seq: 0, identities: [], verifiedKeys: [], mergedFrom: [],
    fields: {}, activity: {}, memberships: {}, firstSeenAt: 1, lastSeenAt: 1, createdAt: 1, ...over,
  }),

  delivery: (name: string, over: Partial<DeliveryRow> = {}): DeliveryRow => ({
    deliveryId: `${workspaceId}|${name}`, workspaceId, connectionId: 'crm', action: 'upsert-contact', operation: 'send', class: 'data', profileId: 'p1', seq: 1,
    purpose: 'marketing', flowId: 'f', flowVersion: 1, stepId: 's', runId: 'r', eventId: null, segmentId: null, cause: null,
    createdAt: 1_000, dueAt: 1_000, attempt: 0, state: 'pending', reason: null, ...over,
  }),

  run: (name: string, over: Partial<RunRow> = {}): RunRow => ({
    runId: `${workspaceId}|${name}`, workspaceId, flowId: 'f', flowVersion: 1, profileId: 'p1', eventId: null, segmentId: null, key: null, resumeAtStep: 1, wait: null, since: 1, startedAt: 1, dueAt: 1_000, end: null, ...over,
  }),

  consent: (recordId: string, over: Partial<ConsentRecord> = {}): ConsentRecord => ({
    recordId, workspaceId, identityKey: 'email|ana@example.com', purpose: 'marketing', decision: 'granted', recipients: ['own'], agreementId: 'a', agreementVersion: 1,
    textHash: 'h', method: 'toggle', sourceConnectionId: null, isVerified: true, effectiveAt: 1, recordedAt: 2, ...over,
  }),

  matchSuggestion: (name: string, over: Partial<MatchSuggestionRow> = {}): MatchSuggestionRow => ({
    suggestionId: `${workspaceId}|${name}`, workspaceId, profileIds: [name, `${name}-2`], probability: 0.9, rival: 'other', weights: [{ field: 'name', level: 'same', weight: 8 }], state: 'open', at: 1, seenAt: 1, decidedAt: null, ...over,
  }),

  identityLink: (name: string, over: Partial<IdentityLinkRow> = {}): IdentityLinkRow => ({
    linkId: `${workspaceId}|${name}`, workspaceId, keys: [`userId|${name}`, 'phone|+12025550123'], breach: { reason: 'too-many-of-namespace', namespace: 'userId', limit: 1 }, causeEventId: `${workspaceId}|e`, connectionId: 'web',
    at: 1, state: 'pending', decidedAt: null, ...over,
  }),

  disclosure: (over: Partial<DisclosureRow> = {}): DisclosureRow => ({
    workspaceId, connectionId: 'crm', action: 'upsert-contact', profileId: 'p1', purposes: ['marketing'], fields: ['email'], identifiers: [{ email: 'ana@example.com' }],
    firstAt: 5, grounds: [], ...over,
  }),
};
