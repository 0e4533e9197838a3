import { LedgerCounts } from '../person/person-work.js';
import type { DestinationConnection } from '../ports/configuration.js';
import type { DeliveryRow, LaneLease } from '../ports/rows.js';
import type { Store, StoreTransaction } from '../ports/store.js';

/** The actions of a destination that take a person's state, of which the newest is all that counts. Events and memberships are never replaced. */
export function replaceableActions({ destinations }: Pick<DestinationConnection, 'destinations'>): string[] {
  return Object.entries(destinations).flatMap(([action, { accepts }]) => (accepts === 'profile' ? [action] : []));
}

/** People of one transaction: after an outage each may have a thousand rows, and a process that reads them all at once answers nobody meanwhile. */
const PEOPLE_AT_ONCE = 10;

/** Of rows that are pending at one lane: those for which there is a newer one of the same person, action and flow step; where one of them waits for another try, unless `always`. */
export function olderThanNewest(rows: readonly DeliveryRow[], now: number, always = false): DeliveryRow[] {
  const keyOf = ({ profileId, action, flowId, stepId }: DeliveryRow): string => JSON.stringify([profileId, action, flowId, stepId]);
  const newest = new Map<string, number>();
  const waiting = new Set<string>();
  for (const row of rows) {
    newest.set(keyOf(row), Math.max(newest.get(keyOf(row)) ?? 0, row.seq));
    if (row.attempt > 0 && row.dueAt > now) waiting.add(keyOf(row));
  }
  return rows.filter((row) => (always || waiting.has(keyOf(row))) && row.seq < (newest.get(keyOf(row)) ?? 0));
}

/** Cancels rows that newer state takes the place of, if they are pending still, and counts them. Proves the lease. Gives how many. */
export async function replaceOlder(store: Pick<Store, 'transaction'>, lease: LaneLease, candidates: readonly DeliveryRow[], now: number): Promise<number> {
  if (candidates.length === 0) return 0;
  const ids = new Set(candidates.map(({ deliveryId }) => deliveryId));
  return store.transaction(async (tx) => {
    const older = olderThanNewest(await pendingOf(tx, lease, candidates.map(({ profileId }) => profileId)), now).filter(({ deliveryId }) => ids.has(deliveryId));
    await cancelReplaced(tx, lease, older);
    return older.length;
  });
}

/** What newer state took the place of, by id, and what is to go instead: it lies behind all others, and would be old itself before its turn came where changes go on. */
export interface ReplacedDue {
  replaced: ReadonlySet<string>;
  next: readonly DeliveryRow[];
}

/**
 * Where more is due than can go: of the people of these due rows, cancels what newer state that is due as well takes the place of, so that a lane that was held up sends each person's newest state once, and not
 * all that they have been. What waits for its time is let be.
 */
export async function replaceDue(store: Pick<Store, 'transaction'>, lease: LaneLease, due: readonly DeliveryRow[], actions: readonly string[], now: number): Promise<ReplacedDue> {
  const isState = ({ operation, class: kind, action }: DeliveryRow): boolean => operation === 'send' && kind === 'data' && actions.includes(action);
  const people = [...new Set(due.filter(isState).map(({ profileId }) => profileId))];
  const replaced = new Set<string>();
  const next: DeliveryRow[] = [];
  for (let from = 0; from < people.length; from += PEOPLE_AT_ONCE) {
    const older = await store.transaction(async (tx) => {
      const pending = await pendingOf(tx, lease, people.slice(from, from + PEOPLE_AT_ONCE));
      const found = olderThanNewest(pending.filter((row) => isState(row) && row.dueAt <= now), now, true);
      if (found.length > 0) await cancelReplaced(tx, lease, found);
      return { found, left: firstLeft(pending, found, now) };
    });
    for (const { deliveryId } of older.found) replaced.add(deliveryId);
    next.push(...older.left);
    // The others of a page have mostly as much, or as little.
    if (older.found.length === 0) break;
  }
  return { replaced, next };
}

/** Of each person of whom something was replaced, what comes first now, where it is due. */
function firstLeft(pending: readonly DeliveryRow[], replaced: readonly DeliveryRow[], now: number): DeliveryRow[] {
  const gone = new Set(replaced.map(({ deliveryId }) => deliveryId));
  const first = new Map<string, DeliveryRow>(replaced.map((row) => [row.profileId, row]));
  for (const row of pending) {
    const known = first.get(row.profileId);
    if (known !== undefined && !gone.has(row.deliveryId) && (gone.has(known.deliveryId) || row.seq < known.seq)) first.set(row.profileId, row);
  }
  return [...first.values()].filter(({ deliveryId, dueAt }) => !gone.has(deliveryId) && dueAt <= now);
}

async function pendingOf(tx: StoreTransaction, { workspaceId, connectionId: lane }: LaneLease, profileIds: readonly string[]): Promise<DeliveryRow[]> {
  return (await tx.findPendingData(workspaceId, [...new Set(profileIds)])).filter(({ connectionId }) => connectionId === lane);
}

async function cancelReplaced(tx: StoreTransaction, lease: LaneLease, older: readonly DeliveryRow[]): Promise<void> {
  const counts = new LedgerCounts();
  for (const { connectionId, createdAt } of older) counts.add(connectionId, createdAt, 'cancelled.replaced');
  await tx.advanceLane(lease, { seq: lease.chainSeq, hash: lease.chainHash });
  await tx.updateDeliveries(older.map(({ deliveryId, attempt, dueAt }) => ({ deliveryId, state: 'cancelled', reason: 'replaced', attempt, dueAt })));
  if (older.length > 0) await tx.deleteContacts(older.map(({ deliveryId }) => deliveryId));
  await tx.insertLedger(lease.workspaceId, counts.list());
}
