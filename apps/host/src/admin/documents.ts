import type { FlowDefinition, Mapping, MappingTest } from '@firsthand/domain';

/** What people write of a flow. */
export type FlowDraft = Omit<FlowDefinition, 'flowId' | 'version'>;

/** A flow as the admin plane writes and reads it; the snapshot reads the same row as a `FlowDocument`, whose draft it does not look at. */
export interface FlowContent {
  draft: FlowDraft;
  status: 'draft' | 'live' | 'paused';
  /** The version that starts runs while `status` is live. */
  liveVersion: number | null;
  /** Published ones, oldest first; none is ever changed. */
  versions: (FlowDefinition & { publishedAt: number })[];
}

/** A mapping with the examples that it has to keep. */
export interface MappingDraft {
  mapping: Mapping;
  tests: MappingTest[];
}

/** The mapping of a source connection; the snapshot reads of the same row only what is live. */
export interface MappingContent {
  draft: MappingDraft;
  /** What records are mapped by; null for the plugin's own. */
  live: { version: number; mapping: Mapping; publishedAt: number } | null;
  /** The number of the newest version that was ever published; 0 for none. Numbers are not used again: records name them. */
  lastVersion: number;
}

/** A published version. It never changes. */
export interface MappingVersionContent extends MappingDraft {
  connectionId: string;
  version: number;
  publishedAt: number;
}
