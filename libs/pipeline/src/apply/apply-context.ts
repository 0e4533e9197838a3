import { identityKey, type CanonicalRecord } from '@firsthand/domain';
import type { LaneVisit } from '../deliver/lane-visit.js';
import type { WorkspaceConfiguration } from '../ports/configuration.js';
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
}

/** A record of a claimed inbox document; `id` is unique to it (document and place). */
export interface ApplyItem {
  id: string;
  record: InboxRecord;
  /** Set when this record was found to break its batch: it goes to quarantine. */
  isPoison?: boolean;
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
