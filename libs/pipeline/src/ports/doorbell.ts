/** A connection that one process at a time works: a destination's deliveries, or a polling source. */
export interface Lane {
  workspaceId: string;
  connectionId: string;
}

/** Rings a worker. The truth is in the store: a lost ring is made good by the sweep, a needless one finds nothing to do. */
export interface Doorbell {
  ringApply(): void;
  ringLane(lane: Lane): void;
}
