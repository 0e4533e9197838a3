import type { FlowDefinition } from '@firsthand/domain';

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
