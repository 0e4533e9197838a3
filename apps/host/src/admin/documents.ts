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

/** One row per admin write, per look at a customer, and per thing that the host did of itself. No personal data: the route's pattern and ids only. */
export interface AuditContent {
  actorKind: 'user' | 'apiKey' | 'system';
  actorId: string;
  method: string;
  /** The route's pattern, never the address itself; of the host's own deeds their name, with the method `SYSTEM`. */
  route: string;
  resourceId: string | null;
  /** `started`, `done`, or the error's code; of the host's own deeds the reason. */
  outcome: string;
  at: number;
}
