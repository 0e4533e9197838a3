import { LedgerCounts } from '../person/person-work.js';
import type { DestinationConnection } from '../ports/configuration.js';
import type { DeliveryRow, LaneLease } from '../ports/rows.js';
import type { Store, StoreTransaction } from '../ports/store.js';
import { HELD_DUE_AT } from '../push-gate/push-gate-row.js';

/** The actions of a destination that take a person's state, of which the newest is all that counts. Events and memberships are never replaced. */
export function replaceableActions({ destinations }: Pick<DestinationConnection, 'destinations'>): string[] {
  return Object.entries(destinations).flatMap(([action, { accepts }]) => (accepts === 'profile' ? [action] : []));
}

/** Rows of one transaction, where they are not one person's: who waits for a server that is busy with many is answered late. */
const ROWS_AT_ONCE = 500;
/** Rows of one look while nothing may be sent. */
const FRESH_AT_ONCE = 500;

/** Of rows that are pending at one lane: those for which there is a newer one of the same person, action and flow step; where one of them waits for another try, unless `always`. */
export function olderThanNewest(rows: readonly DeliveryRow[], now: number, always = false): DeliveryRow[] {
  const keyOf = ({ profileId, action, flowId, stepId }: DeliveryRow): string => JSON.stringify([profileId, action, flowId, stepId]);
  const newest = new Map<string, number>();
  const waiting = new Set<string>();
  for (const row of rows) {
    newest.set(keyOf(row), Math.max(newest.get(keyOf(row)) ?? 0, row.seq));
    if (row.attempt > 0 && row.dueAt > now && row.dueAt !== HELD_DUE_AT) waiting.add(keyOf(row));
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
export async function replaceDue(store: Pick<Store, 'transaction' | 'snapshot'>, lease: LaneLease, due: readonly DeliveryRow[], actions: readonly string[], now: number): Promise<ReplacedDue> {
  const isState = ({ operation, class: kind, action }: DeliveryRow): boolean => operation === 'send' && kind === 'data' && actions.includes(action);
  const people = [...new Set(due.filter(isState).map(({ profileId }) => profileId))];
  const counts = people.length === 0 ? new Map<string, number>() : await store.snapshot((reads) => reads.countPending(lease, people));
  const replaced = new Set<string>();
  const next: DeliveryRow[] = [];
  for (const some of inParts([...counts].filter(([, count]) => count > 1))) {
    const older = await store.transaction(async (tx) => {
      const pending = await pendingOf(tx, lease, some);
      const found = olderThanNewest(pending.filter((row) => isState(row) && row.dueAt <= now), now, true);
      if (found.length > 0) await cancelReplaced(tx, lease, found);
      return { found, left: firstLeft(pending, found, now) };
    });
    for (const { deliveryId } of older.found) replaced.add(deliveryId);
    next.push(...older.left);
  }
  return { replaced, next };
}

/** People by how many rows they have, in parts of so many rows. */
function* inParts(counts: readonly (readonly [profileId: string, rows: number])[]): Generator<string[]> {
  let part: string[] = [];
  let rows = 0;
  for (const [profileId, count] of counts) {
    if (part.length > 0 && rows + count > ROWS_AT_ONCE) {
      yield part;
      part = [];
      rows = 0;
    }
    part.push(profileId);
    rows += count;
  }
  if (part.length > 0) yield part;
}

/**
 * While nothing may be sent: {@link replaceDue} for people of whom rows were made at `after` or later, so that what waits is as much as there are people, however long a destination is down. Gives how many rows
 * were replaced, and where to go on. A row that commits behind the place that was reached is replaced once its lane sends again.
 */
export async function replaceMeanwhile(
  store: Pick<Store, 'transaction' | 'snapshot' | 'findFresh'>, lease: LaneLease, actions: readonly string[], { now, after, busy }: { now: number; after: number; busy: ReadonlySet<string> },
): Promise<{ count: number; next: number; isMore: boolean }> {
  const fresh = await store.findFresh(lease, { now, after, limit: FRESH_AT_ONCE });
  const { replaced } = await replaceDue(store, lease, fresh.filter(({ profileId }) => !busy.has(profileId)), actions, now);
  const last = fresh.at(-1)?.createdAt;
  return { count: replaced.size, next: last === undefined ? after : last + 1, isMore: fresh.length === FRESH_AT_ONCE };
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

function pendingOf(tx: StoreTransaction, { workspaceId, connectionId }: LaneLease, profileIds: readonly string[]): Promise<DeliveryRow[]> {
  return tx.findPendingData(workspaceId, [...new Set(profileIds)], connectionId);
}

async function cancelReplaced(tx: StoreTransaction, lease: LaneLease, older: readonly DeliveryRow[]): Promise<void> {
  const counts = new LedgerCounts();
  for (const { connectionId, createdAt } of older) counts.add(connectionId, createdAt, 'cancelled.replaced');
  await tx.advanceLane(lease, { seq: lease.chainSeq, hash: lease.chainHash });
  await tx.updateDeliveries(older.map(({ deliveryId, attempt, dueAt }) => ({ deliveryId, state: 'cancelled', reason: 'replaced', attempt, dueAt })));
  if (older.length > 0) await tx.deleteContacts(older.map(({ deliveryId }) => deliveryId));
  await tx.insertLedger(lease.workspaceId, counts.list());
}
