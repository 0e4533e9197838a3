import type { DeliveryRow } from '../ports/rows.js';

/** Open removals of one destination of which nobody has been told, or of which something is new: somebody has to ask for them, they are late, or have ended without being carried out. */
export interface UntoldRemovals {
  workspaceId: string;
  connectionId: string;
  as: NonNullable<DeliveryRow['toldAs']>;
  deliveryIds: string[];
  /** Erasures of which this recipient has to be asked by hand: their people have no rows any more. */
  erasureIds: string[];
  /** When the first of them was queued, epoch ms. */
  oldestAt: number;
}

/** How many removals of a destination are to be asked for by hand, are open and late, or have ended without being carried out. */
export interface RemovalCount {
  connectionId: string;
  as: NonNullable<DeliveryRow['toldAs']>;
  count: number;
}

/** What is known of removals that nobody has confirmed. */
export interface RemovalStore {
  /** Of one workspace: those that were queued at `lateBefore` or earlier and are open, those that are to be asked for by hand, and those that are dead, as far as they are told of by neither; some thousands at most. */
  findUntold(workspaceId: string, lateBefore: number): Promise<UntoldRemovals[]>;
  /** Notes that somebody was told. */
  markTold(untold: readonly UntoldRemovals[]): Promise<void>;
  count(workspaceId: string, lateBefore: number): Promise<RemovalCount[]>;
}

/** How many removals it is about. */
export function removalsIn({ deliveryIds, erasureIds }: Pick<UntoldRemovals, 'deliveryIds' | 'erasureIds'>): number {
  return deliveryIds.length + erasureIds.length;
}
