import type { DeliveryState } from '../ports/rows.js';
import type { ErasureLease, ErasureRow } from './erasure.js';

/** Erasures that workers go on with, outside of the pipeline's transactions. */
export interface ErasureStore {
  /** Takes the longest due row that nobody has, until a time; null for none. Of one workspace alone where it is named. */
  claim(options: { now: number; until: number; holder: string; workspaceId?: string }): Promise<ErasureLease | null>;
  /**
   * Does a part of the step at which the row stands, and writes down in the same transaction how far it came, so that a crash between any two leaves nothing out and counts nothing twice.
   *
   * @returns the row as it is now; its `dueAt` lies ahead where somebody else has to finish first
   * @throws FenceLost when another worker has taken it
   */
  work(lease: ErasureLease, now: number): Promise<ErasureRow>;
  /** How the deliveries that tell recipients stand. */
  findTold(workspaceId: string, deliveryIds: readonly string[]): Promise<Map<string, { state: DeliveryState; reason: string | null }>>;
  /** Writes what the recipients' step found. @throws FenceLost */
  save(lease: ErasureLease, change: Pick<ErasureRow, 'recipients' | 'dueAt'>): Promise<void>;
  /**
   * Removes what recipients were told by, and ends the erasure. Where a delivery of the person waits still (its destination is paused, or somebody has replayed it) or is on its way, the certificate is complete, but the
   * ids stay and the row is due again, so that this is cancelled as theirs, or written down, and removed as well.
   *
   * @throws FenceLost
   */
  finish(lease: ErasureLease, change: Pick<ErasureRow, 'recipients' | 'dueAt'>, now: number): Promise<void>;
  /** Deletes what was kept under legal holds that are over. Gives how many rows. */
  sweepHeld(now: number): Promise<number>;
}
