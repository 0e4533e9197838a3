/** Rings a worker. The truth is in the store: a lost ring is made good by the sweep, a needless one finds nothing to do. */
export interface Doorbell {
  ringApply(): void;
  ringLane(lane: { workspaceId: string; connectionId: string }): void;
}
