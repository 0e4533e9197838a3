import type { Lane, LaneLease, Store } from '../ports/index.js';
import { LANE_LEASE_MS } from './create-deliver.js';

/**
 * Does what one process at a time may do, and gives the lease back whatever becomes of it; does nothing where another process is at it.
 *
 * @param now epoch ms
 * @example await underLease(store, { workspaceId, connectionId: REMOVAL_ALERTS }, { holder, now: clock() }, async () => tellAll());
 */
export async function underLease(store: Pick<Store, 'acquireLane' | 'releaseLane'>, lane: Lane, { holder, now }: { holder: string; now: number }, work: (lease: LaneLease) => Promise<void>): Promise<void> {
  const lease = await store.acquireLane(lane, holder, now + LANE_LEASE_MS, now);
  if (lease === null) return;
  try {
    await work(lease);
  } finally {
    await store.releaseLane(lease);
  }
}
