import { answerCalls } from '../deliver/answer-calls.js';
import { settleContacts } from '../deliver/settle-contacts.js';
import { LedgerCounts } from '../person/person-work.js';
import type { WorkspaceConfiguration } from '../ports/configuration.js';
import type { StoreTransaction } from '../ports/store.js';
import { PUSH_REJECTED, PUSH_RELEASED, type PushGateRow } from './push-gate-row.js';

/** Rows per transaction. */
const PAGE = 500;

/**
 * Lets one page of the rows go that wait at an open gate, the oldest first. The gate moves with its page, so that a crash or a second worker leaves none behind.
 *
 * @returns whether there are more
 */
export async function releasePage(tx: StoreTransaction, gate: PushGateRow, now: number): Promise<boolean> {
  const rows = await tx.findHeldDeliveries(gate, { createdUpTo: null, limit: PAGE });
  await tx.updateDeliveries(rows.map(({ deliveryId, attempt }) => ({ deliveryId, state: 'pending' as const, reason: PUSH_RELEASED, attempt, dueAt: now, retryFrom: now })));
  const isMore = rows.length === PAGE;
  if (!isMore) await tx.writePushGates([{ ...gate, isReleasing: false, dueAt: null }]);
  return isMore;
}

/**
 * Gives up one page of the rows that waited when their push was rejected: they end as cancelled, in the books, the caps and the runs that wait for them.
 *
 * @returns whether there are more
 */
export async function rejectPage(tx: StoreTransaction, gate: PushGateRow, configuration: WorkspaceConfiguration, now: number): Promise<boolean> {
  const rows = await tx.findHeldDeliveries(gate, { createdUpTo: gate.rejectedUpTo, limit: PAGE });
  const counts = new LedgerCounts();
  for (const { connectionId, createdAt } of rows) counts.add(connectionId, createdAt, `cancelled.${PUSH_REJECTED}`);
  await tx.updateDeliveries(rows.map(({ deliveryId, attempt, dueAt }) => ({ deliveryId, state: 'cancelled' as const, reason: PUSH_REJECTED, attempt, dueAt })));
  await answerCalls(tx, rows.map((row) => ({ row, state: 'cancelled' as const, reason: PUSH_REJECTED })), now);
  await settleContacts(tx, rows, [], configuration);
  await tx.insertLedger(gate.workspaceId, counts.list());
  const isMore = rows.length === PAGE;
  if (!isMore) await tx.writePushGates([{ ...gate, rejectedUpTo: null }]);
  return isMore;
}
