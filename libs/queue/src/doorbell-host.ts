import type { Doorbell, Lane } from '@firsthand/pipeline';

/** Where the doorbell writes what an operator should know; pino's loggers fit. Fields hold no personal data. */
export interface DoorbellLog {
  info(fields: Record<string, string | number>, message: string): void;
  warn(fields: Record<string, string | number>, message: string): void;
}

/** A doorbell with both ends: the button of the {@link Doorbell} port, and the workers that answer. */
export interface DoorbellHost extends Doorbell {
  /**
   * Answers apply rings. The handler works until it finds nothing more to do; it may run for long, and several times at once.
   * What it throws is logged and dropped: the sweep rings again.
   */
  onApply(handler: () => Promise<void>): void;
  /** Answers the rings of every lane that is open. Set it before the first `openLane`. One run per lane and process at a time. */
  onLane(handler: (lane: Lane) => Promise<void>): void;
  /** Starts a worker for the lane. Does nothing when it is open. */
  openLane(lane: Lane): void;
  /** Stops the lane's worker once its run has ended. Does nothing when it is not open. */
  closeLane(lane: Lane): Promise<void>;
  /** Resolves when Valkey answers, within 2 s. Throws FirsthandError UNAVAILABLE. */
  ping(): Promise<void>;
  /** Waits for the runs under way, then lets go of every connection. */
  close(): Promise<void>;
}
