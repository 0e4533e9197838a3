import { identityKey, type CanonicalRecord } from '@firsthand/domain';
import type { LaneVisit } from '../deliver/lane-visit.js';
import type { WorkspaceConfiguration } from '../ports/configuration.js';
import type { LedgerCounts } from '../person/person-work.js';
import type { QuarantineRow } from '../ports/quarantine-row.js';
import type { InboxRecord } from '../ports/rows.js';

/** What a batch needs besides the transaction. */
export interface ApplyContext {
  configuration: WorkspaceConfiguration;
  /** Epoch ms. */
  now: number;
  newId(): string;
  /** Keyed digest of an identity, for the look-up of erasure tombstones. */
  tombstoneDigest(workspaceId: string, key: string): string;
  /** Lanes that may decide the new deliveries in this transaction; without it all are left to them. */
  visit?: LaneVisit;
  /** Where the counts are added up, for who wants to know them; else they are the batch's own. */
  counts?: LedgerCounts;
}

/** A record of a claimed inbox document; `id` is unique to it (document and place). */
export interface ApplyItem {
  id: string;
  record: InboxRecord;
  /** Where in its document it stands: what came together lies in quarantine in that order. */
  place?: number;
  /** Set when this record was found to break its batch: it goes to quarantine. */
  isPoison?: boolean;
  /** The row that it is released from: it was counted as received when it came. */
  quarantined?: QuarantineRow;
}

/** Whether a record cannot be used and belongs into quarantine. */
export function isUnusable({ isPoison, record }: Pick<ApplyItem, 'isPoison' | 'record'>): boolean {
  return isPoison === true || (record.fault !== null && record.refusal === null);
}

/** A record that may be applied. */
export interface Candidate {
  item: ApplyItem;
  eventId: string;
  record: CanonicalRecord;
  /** Set when only what the record decides on consent goes on, and none of its data. */
  isRefused?: boolean;
  /** Set when what happened may be kept no longer: traits and decisions that came with it count, and no event is made of it. */
  isPast?: true;
}

export function identityKeysOf({ record }: Pick<Candidate, 'record'>): string[] {
  return record.identities.map(identityKey);
}

/** A candidate with another record, of which something was taken off: the raw record goes with it. The same candidate where it is the same record. */
export function withRecord(candidate: Candidate, record: CanonicalRecord): Candidate {
  return record === candidate.record ? candidate : { ...candidate, record, item: { ...candidate.item, record: { ...candidate.item.record, record, raw: null } } };
}
