import type { PipelineLog } from '../ports/pipeline-log.js';
import type { LaneLease } from '../ports/rows.js';
import type { Store } from '../ports/store.js';
import type { DisableReason } from './lane-traffic.js';
import type { ChunkContext } from './send-chunk.js';

/** What a run of a lane is made with. */
export interface LaneContext extends ChunkContext {
  store: Store;
  log: PipelineLog;
  random(): number;
  /** Takes the connection out of service. */
  disable(lane: LaneLease, reason: DisableReason): Promise<void>;
  signal: AbortSignal;
}
