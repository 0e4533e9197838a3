import { LedgerCounts } from '../person/person-work.js';
import type { DestinationConnection } from '../ports/configuration.js';
import type { DeliveryRow, LaneLease } from '../ports/rows.js';
import type { Store } from '../ports/store.js';

/** The actions of a destination that take a person's state, of which the newest is all that counts. Events and memberships are never replaced. */
export function replaceableActions({ destinations }: Pick<DestinationConnection, 'destinations'>): string[] {
  return Object.entries(destinations).flatMap(([action, { accepts }]) => (accepts === 'profile' ? [action] : []));
}

/** Of rows that are pending at one lane: those for which there is a newer one of the same person, action and flow step, where one of them waits for another try. */
export function olderThanNewest(rows: readonly DeliveryRow[], now: number): DeliveryRow[] {
  const keyOf = ({ profileId, action, flowId, stepId }: DeliveryRow): string => JSON.stringify([profileId, action, flowId, stepId]);
  const newest = new Map<string, number>();
  const waiting = new Set<string>();
  for (const row of rows) {
    newest.set(keyOf(row), Math.max(newest.get(keyOf(row)) ?? 0, row.seq));
    if (row.attempt > 0 && row.dueAt > now) waiting.add(keyOf(row));
  }
  return rows.filter((row) => waiting.has(keyOf(row)) && row.seq < (newest.get(keyOf(row)) ?? 0));
}

/** Cancels rows that newer state takes the place of, if they are pending still, and counts them. Proves the lease. Gives how many. */
export async function replaceOlder(store: Pick<Store, 'transaction'>, lease: LaneLease, candidates: readonly DeliveryRow[], now: number): Promise<number> {
  if (candidates.length === 0) return 0;
  const ids = new Set(candidates.map(({ deliveryId }) => deliveryId));
  return store.transaction(async (tx) => {
    const pending = (await tx.findPendingData(lease.workspaceId, [...new Set(candidates.map(({ profileId }) => profileId))])).filter(({ connectionId }) => connectionId === lease.connectionId);
    const older = olderThanNewest(pending, now).filter(({ deliveryId }) => ids.has(deliveryId));
    const counts = new LedgerCounts();
    for (const { connectionId, createdAt } of older) counts.add(connectionId, createdAt, 'cancelled.replaced');
    await tx.advanceLane(lease, { seq: lease.chainSeq, hash: lease.chainHash });
    await tx.updateDeliveries(older.map(({ deliveryId, attempt, dueAt }) => ({ deliveryId, state: 'cancelled', reason: 'replaced', attempt, dueAt })));
    if (older.length > 0) await tx.deleteContacts(older.map(({ deliveryId }) => deliveryId));
    await tx.insertLedger(lease.workspaceId, counts.list());
    return older.length;
  });
}
