import { eachOf } from '../sweep/each-of.js';
import { LedgerCounts } from '../person/person-work.js';
import type { Clock, Lane, LaneLease, Store } from '../ports/index.js';
import { answerCalls } from './answer-calls.js';
import { LANE_LEASE_MS } from './lane-lease.js';
import { takeUpInFlight } from './recover-stalled.js';
import { underLease } from './under-lease.js';

export interface DesertedOptions {
  store: Store;
  /** Whether there is no such connection any more. One that cannot be used, since its plugin is missing, is there. */
  isDeleted(lane: Lane): Promise<boolean>;
  clock: Clock;
  /** Unique to this process. */
  holder: string;
}

/** One transaction's worth. */
const BATCH = 1_000;

/**
 * Ends what waits at connections that were deleted, where nobody works a lane any more: what a process made or had in flight that did not know of the deletion yet, and what was replayed since. What was in flight is
 * written down as stalled; all is cancelled and counted, as what waits at the deletion is. Removals stay: they are told of until somebody has seen to them.
 *
 * @example repeat(() => endDeserted(options), { name: 'deserted', everyMs: 5_000, logger, onFailure })
 */
export async function endDeserted({ store, isDeleted, clock, holder }: DesertedOptions): Promise<void> {
  await eachOf(await store.findDueLanes(clock()), async (lane) => {
    if (await isDeleted(lane)) await underLease(store, lane, { holder, now: clock() }, (lease) => endAll(store, lease, clock));
  });
}

/**
 * Ends what waits at one connection that was deleted, if anything does. Where somebody works its lane yet, {@link endDeserted} does, later.
 *
 * @example await endLane({ workspaceId, connectionId }, { store, clock, holder: newId() });
 */
export async function endLane(lane: Lane, { store, clock, holder }: Omit<DesertedOptions, 'isDeleted'>): Promise<void> {
  // A lane that was never used is not made for this.
  if ((await store.findWaitingData(lane, 1)).length > 0) await underLease(store, lane, { holder, now: clock() }, (lease) => endAll(store, lease, clock));
}

async function endAll(store: Store, lease: LaneLease, clock: Clock): Promise<void> {
  const { head } = await takeUpInFlight(store, lease, clock);
  if (head !== null) [lease.chainSeq, lease.chainHash] = [head.seq, head.hash];
  while ((await endSome(store, lease, clock())) === BATCH) { /* the next ones */ }
}

/** Gives how many. */
async function endSome(store: Store, lease: LaneLease, now: number): Promise<number> {
  const rows = await store.findWaitingData(lease, BATCH);
  if (rows.length === 0) return 0;
  const counts = new LedgerCounts();
  for (const { connectionId, createdAt } of rows) counts.add(connectionId, createdAt, 'cancelled.connection-deleted');
  await store.transaction(async (tx) => {
    await tx.advanceLane(lease, { seq: lease.chainSeq, hash: lease.chainHash, until: now + LANE_LEASE_MS });
    await tx.updateDeliveries(rows.map(({ deliveryId, attempt, dueAt }) => ({ deliveryId, state: 'cancelled', reason: 'connection-deleted', attempt, dueAt })));
    await answerCalls(tx, rows.map((row) => ({ row, state: 'cancelled', reason: 'connection-deleted' })), now);
    // Caps count what is sent.
    await tx.deleteContacts(rows.map(({ deliveryId }) => deliveryId));
    await tx.insertLedger(lease.workspaceId, counts.list());
  });
  return rows.length;
}
