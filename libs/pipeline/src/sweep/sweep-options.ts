import type { Clock, ConfigurationSource, Doorbell, PipelineLog, Store } from '../ports/index.js';

/** What a sweep works with. */
export interface SweepOptions {
  store: Store;
  doorbell: Doorbell;
  configuration: ConfigurationSource;
  clock: Clock;
  /** Whose schedules are looked at; nobody's when left out. */
  workspaceIds?(): readonly string[];
  /** Told of each row that keeps failing. */
  log?: PipelineLog;
}
