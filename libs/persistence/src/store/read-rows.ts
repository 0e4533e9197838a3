import type { ChangedValue, ConsentRecord, JsonValue, Profile } from '@firsthand/domain';
import type { AudienceCompareRow, AudienceMemberRow, ConfirmationRow, DeliveryRow, DisclosureRow, ErasureRow, EventRow, IdentityLinkRow, MatchSuggestionRow, PushGateRow, QuarantineJobRow, QuarantineRow, RunRow, ScheduleRow, SyncStateRow } from '@firsthand/pipeline';
import { ownKey } from './store-key.js';
import type { StoredAudienceCompare, StoredAudienceMember, StoredConfirmation, StoredConsent, StoredDelivery, StoredDisclosure, StoredErasure, StoredEvent, StoredIdentityLink, StoredMatchSuggestion, StoredProfile, StoredPushGate, StoredQuarantine, StoredQuarantineJob, StoredRun, StoredSchedule, StoredSyncState } from './stored-rows.js';

/** A stored delivery as the pipeline knows it. */
export function deliveryRow({ _id, schemaVersion, ...row }: StoredDelivery): DeliveryRow {
  return { deliveryId: _id, ...row };
}

/** A stored event as the pipeline knows it. Its raw record lies apart, for a short time: here it is null. */
export function eventRow({ _id, schemaVersion, raw, ...row }: StoredEvent): EventRow {
  return { eventId: _id, ...row, raw: null };
}

/** A stored link that was held back as the pipeline knows it. */
export function identityLinkRow({ _id, schemaVersion, ...row }: StoredIdentityLink): IdentityLinkRow {
  return { linkId: _id, ...row };
}

/** A stored suggestion as the pipeline knows it. */
export function matchSuggestionRow({ _id, schemaVersion, ...row }: StoredMatchSuggestion): MatchSuggestionRow {
  return { suggestionId: _id, ...row };
}

/** A stored run as the pipeline knows it. */
export function runRow({ _id, schemaVersion, expireAt, key = null, wait = null, since, end = null, ...row }: StoredRun): RunRow {
  return { runId: _id, ...row, key, wait, since: since ?? row.startedAt, end };
}

/** A stored schedule as the pipeline knows it. */
export function scheduleRow({ _id, schemaVersion, ...row }: StoredSchedule): ScheduleRow {
  return row;
}

/** A stored profile without what only the store needs. */
export function profileOf({ _id, schemaVersion, dueAt, ...profile }: StoredProfile): Profile {
  return profile;
}

/** What a contact is asked to confirm, without what only the store needs. */
export function confirmationRow({ _id, schemaVersion, lastSentAt, expireAt, ...row }: StoredConfirmation): ConfirmationRow {
  return { confirmationId: _id, ...row };
}

/** A stored consent record as the domain knows it. */
export function consentRecord({ _id, schemaVersion, ...record }: StoredConsent): ConsentRecord {
  return record;
}

/** A stored disclosure as the pipeline knows it. */
export function disclosureRow({ _id, schemaVersion, grounds = {}, ...row }: StoredDisclosure): DisclosureRow {
  return { ...row, grounds: Object.values(grounds) };
}

/** A stored member as the pipeline knows it. */
export function audienceMemberRow({ _id, schemaVersion, keys, ...row }: StoredAudienceMember): AudienceMemberRow {
  return row;
}

/** What is known of a copy as the pipeline has it. */
export function syncStateRow({ _id, schemaVersion, stoppedBy, ...row }: StoredSyncState): SyncStateRow {
  return row;
}

/** A stored compare as the pipeline knows it. */
export function compareRow({ _id, schemaVersion, ...row }: StoredAudienceCompare): AudienceCompareRow {
  return { compareId: _id, ...row };
}

/** A stored gate as the pipeline knows it. */
export function pushGateRow({ _id, schemaVersion, ...row }: StoredPushGate): PushGateRow {
  return { gateId: _id, ...row };
}

/** A stored quarantined record as the pipeline knows it. */
export function quarantineRow({ _id, schemaVersion, raw, original, edits, ...row }: StoredQuarantine): QuarantineRow {
  return {
    quarantineId: _id, ...row, raw: JSON.parse(raw) as JsonValue, ...(original === undefined ? {} : { original: JSON.parse(original) as JsonValue }),
    ...(edits === undefined ? {} : { edits: edits.map((edit) => ({ ...edit, changes: JSON.parse(edit.changes) as ChangedValue[] })) }),
  };
}

/** A quarantined record as it is stored: what a customer sent is text. */
export function storedQuarantine({ quarantineId, raw, original, edits, ...row }: QuarantineRow): StoredQuarantine {
  return {
    _id: ownKey(row.workspaceId, quarantineId), schemaVersion: 1, ...row, raw: JSON.stringify(raw), ...(original === undefined ? {} : { original: JSON.stringify(original) }),
    ...(edits === undefined ? {} : { edits: edits.map((edit) => ({ ...edit, changes: JSON.stringify(edit.changes) })) }),
  };
}

/** A stored job on quarantined records, without who is at it. */
export function quarantineJobRow({ _id, schemaVersion, holder, until, fence, ...row }: StoredQuarantineJob): QuarantineJobRow {
  return { jobId: _id, ...row };
}

/** A stored erasure as the pipeline knows it. */
export function erasureRow({ _id, schemaVersion, holder, until, fence, ...row }: StoredErasure): ErasureRow {
  return { erasureId: _id, ...row };
}
