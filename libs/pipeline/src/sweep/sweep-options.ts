import type { Clock, ConfigurationSource, Doorbell, PipelineLog, Store } from '../ports/index.js';

/** What a sweep works with. */
export interface SweepOptions {
  store: Store;
  doorbell: Doorbell;
  configuration: ConfigurationSource;
  clock: Clock;
  /** Told of each row that keeps failing. */
  log?: PipelineLog;
}
