import { LedgerCounts } from '../person/person-work.js';
import type { EvidenceItem, LaneLease, OutcomeItem } from '../ports/rows.js';
import type { Store, StoreTransaction } from '../ports/store.js';
import { answerCalls } from './answer-calls.js';
import { nextBlock, readBlock } from './evidence-chain.js';

/** So often a delivery may be in flight when its process dies; then it is taken for what kills it. */
export const MAX_STALLS = 3;
/** What was in flight at a death was decided so long before the lane's last sign of life, at most: a call takes 15 s. */
const IN_FLIGHT_MS = 30_000;

export interface Recovered {
  /** The chain's new head; null when nothing was in flight. */
  head: { seq: number; hash: string } | null;
  /** How many were set apart. */
  dead: number;
  /** Those that one more death would set apart: they are sent alone, so that it is known which of them it was. */
  suspects: string[];
}

const NOTHING: Recovered = { head: null, dead: 0, suspects: [] };

/**
 * Takes up what a dead holder of the lane had in flight. That each was decided and has no outcome is in the evidence; it is written down as one stall
 * more. A row that has stalled three times is dead: its payload may be what kills the process, and it must not take all others along.
 */
export async function recoverStalled(tx: StoreTransaction, lease: LaneLease, now: number): Promise<Recovered> {
  await tx.recoverInFlight(lease);
  const open = await withoutOutcome(tx, lease);
  const rows = (await tx.findDeliveries(open.map(({ deliveryId }) => deliveryId))).filter(({ state, connectionId }) => state === 'pending' && connectionId === lease.connectionId);
  if (rows.length === 0) return NOTHING;
  const before = await countStalls(tx, lease.workspaceId, rows.map(({ deliveryId }) => deliveryId));
  const counts = new LedgerCounts();
  const stalls = rows.map((row) => ({ row, times: (before.get(row.deliveryId) ?? 0) + 1 }));
  const outcomes = stalls.map(({ row: { deliveryId, attempt }, times }): OutcomeItem => (
    { deliveryId, attempt, sentAt: now, settledAt: now, outcome: times < MAX_STALLS ? 'stalled' : 'dead', reason: 'stalled' }));
  const dead = stalls.filter(({ times }) => times >= MAX_STALLS);
  for (const { row: { connectionId, createdAt } } of dead) counts.add(connectionId, createdAt, 'dead.stalled');
  const block = nextBlock(lease, now, { evidence: [], outcomes });
  await tx.advanceLane(lease, block);
  await tx.insertEvidence(block);
  await tx.updateDeliveries(dead.map(({ row: { deliveryId, attempt, dueAt } }) => ({ deliveryId, state: 'dead', reason: 'stalled', attempt, dueAt })));
  await answerCalls(tx, dead.map(({ row }) => ({ row, state: 'dead', reason: 'stalled' })), now);
  if (dead.length > 0) await tx.deleteContacts(dead.map(({ row }) => row.deliveryId));
  await tx.insertLedger(lease.workspaceId, counts.list());
  return { head: { seq: block.seq, hash: block.hash }, dead: dead.length, suspects: stalls.filter(({ times }) => times === MAX_STALLS - 1).map(({ row }) => row.deliveryId) };
}

/** Takes up whatever former holders of a lane left in flight: what one gave back, as it is; what one died with, see {@link recoverStalled}. */
export async function takeUpInFlight(store: Pick<Store, 'hasInFlight' | 'transaction'>, lease: LaneLease, clock: () => number): Promise<Recovered> {
  if (lease.isInherited === true) return store.transaction((tx) => recoverStalled(tx, lease, clock()));
  if (await store.hasInFlight(lease)) await store.transaction((tx) => tx.recoverInFlight(lease));
  return NOTHING;
}

/** What was allowed and has no outcome, of the lane's last blocks. */
async function withoutOutcome(tx: StoreTransaction, lease: LaneLease): Promise<EvidenceItem[]> {
  const open = new Map<string, EvidenceItem>();
  for (const block of await tx.findLastEvidence(lease, IN_FLIGHT_MS)) {
    const { evidence, outcomes } = readBlock(block);
    // Those came back before this block's own were decided.
    for (const { deliveryId, attempt } of outcomes) open.delete(`${deliveryId}|${attempt}`);
    for (const item of evidence) if (item.isAllowed) open.set(`${item.deliveryId}|${item.attempt}`, item);
  }
  return [...open.values()];
}

async function countStalls(tx: StoreTransaction, workspaceId: string, deliveryIds: readonly string[]): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const block of await tx.findEvidenceOf(workspaceId, deliveryIds)) {
    for (const { deliveryId, outcome } of readBlock(block).outcomes) if (outcome === 'stalled') counts.set(deliveryId, (counts.get(deliveryId) ?? 0) + 1);
  }
  return counts;
}
