import { addLatency, newLatencyHistogram, type LatencyHistogram } from '@firsthand/domain';
import { minuteOf } from '../person/person-work.js';

/** A change that a destination has confirmed. */
export interface Arrival {
  /** The connection that it came through. */
  source: string;
  /** Epoch ms. */
  confirmedAt: number;
  /** From when it happened until then; negative where clocks differ. */
  ms: number;
}

/** How soon changes of sources were written by one destination: what one transaction of its lane has confirmed. Rows are only inserted, and added up. */
export interface FreshnessRow {
  workspaceId: string;
  /** The destination's. */
  connectionId: string;
  counts: FreshnessCount[];
}

/** How soon the changes of one source were written that were confirmed in one minute. */
export interface FreshnessCount {
  /** The connection that the changes came through. */
  source: string;
  /** Epoch ms of the minute's start. */
  minute: number;
  latency: LatencyHistogram;
}

/** Adds up how soon changes were written, by source and minute of the confirmation. */
export class FreshnessCounts {
  private readonly counts = new Map<string, FreshnessCount>();

  add({ source, confirmedAt, ms }: Arrival): void {
    const minute = minuteOf(confirmedAt);
    const key = `${source}|${minute}`;
    let count = this.counts.get(key);
    if (count === undefined) this.counts.set(key, (count = { source, minute, latency: newLatencyHistogram() }));
    addLatency(count.latency, ms);
  }

  /** Null where nothing was counted. */
  row(workspaceId: string, connectionId: string): FreshnessRow | null {
    return this.counts.size === 0 ? null : { workspaceId, connectionId, counts: [...this.counts.values()] };
  }
}
