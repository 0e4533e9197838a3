import type { ChangedValue, JsonValue } from '@firsthand/domain';

export interface QuarantineRow {
  quarantineId: string;
  workspaceId: string;
  connectionId: string;
  receivedAt: number;
  quarantinedAt: number;
  code: string;
  places: { path: string; message: string }[];
  /** Which rule decided, where there is more than one: of a tracking plan `planId:kind`. */
  rule?: string;
  /** Of the tracking plan that decided. */
  planVersion?: number;
  raw: JsonValue;
  mappingVersion: number;
  /** Those with the same were set aside for the same cause. */
  groupId: string;
  /** As on {@link InboxRecord}. Rows of earlier days are without: they count as claims. */
  isVerified?: boolean;
  /** As it came, where values were changed since. */
  original?: JsonValue;
  /** What people changed in it, the oldest first. */
  edits?: QuarantineEdit[];
}

/** Values of a quarantined record that somebody has changed. */
export interface QuarantineEdit {
  /** Epoch ms. */
  at: number;
  by: { kind: 'user' | 'apiKey'; id: string };
  changes: ChangedValue[];
}
