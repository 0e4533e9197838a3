import type { DeliveryRow } from '../ports/rows.js';

/** Open removals of one destination of which nobody has been told, or of which something is new: they are late, or have ended without being carried out. */
export interface UntoldRemovals {
  workspaceId: string;
  connectionId: string;
  as: NonNullable<DeliveryRow['toldAs']>;
  deliveryIds: string[];
  /** When the first of them was queued, epoch ms. */
  oldestAt: number;
}

/** How many removals of a destination are open and late, or have ended without being carried out. */
export interface RemovalCount {
  connectionId: string;
  as: NonNullable<DeliveryRow['toldAs']>;
  count: number;
}

/** What is known of removals that nobody has confirmed. */
export interface RemovalStore {
  /** Of one workspace: those that were queued at `lateBefore` or earlier and wait, and those that are dead, as far as they are told of by neither; some thousands at most. */
  findUntold(workspaceId: string, lateBefore: number): Promise<UntoldRemovals[]>;
  /** Notes that somebody was told. */
  markTold(untold: readonly UntoldRemovals[]): Promise<void>;
  count(workspaceId: string, lateBefore: number): Promise<RemovalCount[]>;
}
