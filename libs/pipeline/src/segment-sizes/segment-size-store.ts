/** The size of one segment in one hour. */
export interface SegmentSizeRow {
  workspaceId: string;
  segmentId: string;
  segmentVersion: number;
  /** The begin of the hour, epoch ms. */
  hour: number;
  /** When it was counted, epoch ms. */
  at: number;
  size: number;
  /** The size that was told last: a change is measured from it, so that a slow drift is told as well. */
  toldSize: number;
}

/** Snapshots of segments' sizes. */
export interface SegmentSizeStore {
  /** Whether the snapshot of this hour is there. */
  isTaken(workspaceId: string, hour: number): Promise<boolean>;
  /** Members by segment id, in one pass over everybody; a segment without any is left out. */
  countMembers(workspaceId: string): Promise<Map<string, number>>;
  /** The newest row of each of these segments. */
  findNewest(workspaceId: string, segmentIds: readonly string[]): Promise<Map<string, SegmentSizeRow>>;
  /** Keeps rows; one that is there already stays. */
  insert(rows: readonly SegmentSizeRow[]): Promise<void>;
}
