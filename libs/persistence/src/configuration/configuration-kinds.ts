/**
 * The kinds of configuration, one collection each. A write of a kind that is part of the snapshot grows the workspace's configuration
 * version, by which every process knows within a second that it has to read again.
 */
export const CONFIGURATION_KINDS = {
  workspaces: { isInSnapshot: true },
  connections: { isInSnapshot: true },
  mappings: { isInSnapshot: true },
  mappingVersions: { isInSnapshot: false },
  purposes: { isInSnapshot: true },
  agreements: { isInSnapshot: true },
  segments: { isInSnapshot: true },
  flows: { isInSnapshot: true },
  customFields: { isInSnapshot: true },
  customEvents: { isInSnapshot: true },
  customEntities: { isInSnapshot: true },
  // What was changed of these, version by version: stored values follow it.
  dictionaryVersions: { isInSnapshot: true },
  users: { isInSnapshot: true },
  apiKeys: { isInSnapshot: true },
  roles: { isInSnapshot: false },
  sessions: { isInSnapshot: false },
  accountTokens: { isInSnapshot: false },
  secondFactors: { isInSnapshot: false },
  // Counters that are being filled: segments that read them wait.
  backfills: { isInSnapshot: true },
  privacyRequests: { isInSnapshot: false },
  legalHolds: { isInSnapshot: false },
  expectations: { isInSnapshot: true },
  syncRules: { isInSnapshot: true },
  // With the version that is live; all versions lie beside.
  trackingPlans: { isInSnapshot: true },
  trackingPlanVersions: { isInSnapshot: false },
} as const satisfies Record<string, { isInSnapshot: boolean }>;

export type ConfigurationKind = keyof typeof CONFIGURATION_KINDS;

/** The kinds that `readAll` reads. */
export type SnapshotKind = { [Kind in ConfigurationKind]: (typeof CONFIGURATION_KINDS)[Kind]['isInSnapshot'] extends true ? Kind : never }[ConfigurationKind];

/** The kinds of the snapshot, as a list. */
export const SNAPSHOT_KINDS = (Object.keys(CONFIGURATION_KINDS) as ConfigurationKind[]).filter((kind): kind is SnapshotKind => CONFIGURATION_KINDS[kind].isInSnapshot);

/** One configured thing. */
export interface Configured<T = unknown> {
  id: string;
  workspaceId: string;
  /** Grows by one with each change; what If-Match is compared with. */
  version: number;
  /** Epoch ms. */
  createdAt: number;
  updatedAt: number;
  /** The kind's own shape. */
  content: T;
}

/** One configured thing as it is stored; `_id` is `workspaceId|id`. */
export interface StoredConfigured extends Configured {
  _id: string;
  schemaVersion: number;
}

/** `_id` is the workspaceId. */
export interface StoredConfigVersion {
  _id: string;
  schemaVersion: number;
  workspaceId: string;
  version: number;
}
