import type { LatencyHistogram } from '@firsthand/domain';

/** The spans of time that freshness is added up over, the short ones for a shorter time. */
export const FRESHNESS_SPANS = ['minute', 'hour', 'day'] as const;
export type FreshnessSpan = (typeof FRESHNESS_SPANS)[number];

/** What is asked of freshness. */
export interface FreshnessQuery {
  every: FreshnessSpan;
  /** Epoch ms; each span that begins within these two, `to` left out. */
  from: number;
  to: number;
  /** Connections; all where left out. */
  source?: string | undefined;
  destination?: string | undefined;
}

/** How soon the changes of one source were written by one destination, over one span of time. */
export interface FreshnessSum {
  source: string;
  destination: string;
  /** When the span begins; epoch ms. */
  at: number;
  latency: LatencyHistogram;
}

/** How soon destinations have what sources say, added up. */
export interface FreshnessStore {
  /** Adds up the oldest rows of a workspace, each once. Gives how many. */
  compact(workspaceId: string): Promise<number>;
  /** In no order. */
  read(workspaceId: string, query: FreshnessQuery): Promise<FreshnessSum[]>;
}
