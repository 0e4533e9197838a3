import { FenceLost, type Lane, type LaneLease, type Store } from '../ports/index.js';
import { LANE_LEASE_MS } from './lane-lease.js';

/**
 * Does what one process at a time may do, and gives the lease back whatever becomes of it; does nothing where another process is at it. Where another has taken over meanwhile, the rest is its work, and no
 * failure.
 *
 * @param now epoch ms
 * @param leaseMs for how long, unless the work prolongs it
 * @example await underLease(store, { workspaceId, connectionId: REMOVAL_ALERTS }, { holder, now: clock() }, async () => tellAll());
 */
export async function underLease(
  store: Pick<Store, 'acquireLane' | 'releaseLane'>, lane: Lane, { holder, now, leaseMs = LANE_LEASE_MS }: { holder: string; now: number; leaseMs?: number }, work: (lease: LaneLease) => Promise<void>,
): Promise<void> {
  const lease = await store.acquireLane(lane, holder, now + leaseMs, now);
  if (lease === null) return;
  try {
    await work(lease);
  } catch (error) {
    if (!(error instanceof FenceLost)) throw error;
  } finally {
    await store.releaseLane(lease);
  }
}
