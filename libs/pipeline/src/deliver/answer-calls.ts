import type { CallResult } from '@firsthand/domain';
import type { WorkspaceConfiguration } from '../ports/configuration.js';
import type { DeliveryRow } from '../ports/rows.js';
import type { StoreTransaction } from '../ports/store.js';
import { flowOf } from './flow-of.js';

/** How a delivery ended, and what the receiver answered where it was asked. */
export interface EndedDelivery {
  row: DeliveryRow;
  state: DeliveryRow['state'];
  reason: string | null;
  /** JSON text. */
  answer?: string | undefined;
}

/** Whether what a row is decided on lies in its run as it is stored: a call must be awaited still, and a payload may read answers. */
export function needsRun(row: DeliveryRow, configuration: Pick<WorkspaceConfiguration, 'flow'>): boolean {
  return row.operation === 'ask' || flowOf(row, configuration)?.compiled.readsAnswers.has(row.stepId ?? '') === true;
}

/**
 * Tells runs what came of their calls, in the transaction that ends the deliveries: the run's row falls due with it, and the sweep goes on with the run. A run
 * that does not wait for this call any more is left as it is, so that each call is answered once.
 */
export async function answerCalls(tx: StoreTransaction, ended: readonly EndedDelivery[], now: number): Promise<void> {
  const answers = ended.flatMap(({ row: { operation, runId, workspaceId, deliveryId }, ...end }) =>
    (operation === 'ask' && runId !== null ? [{ workspaceId, runId, deliveryId, result: resultOf(end) }] : []));
  if (answers.length > 0) await tx.answerRuns(answers, now);
}

/** Reasons are words that are counted: what a validator adds to them, names of fields, is not. */
function resultOf({ state, reason, answer }: Omit<EndedDelivery, 'row'>): CallResult {
  if (state === 'delivered' && answer !== undefined) return { ok: true, answer };
  const [word] = (reason ?? 'unanswered').split(':', 1);
  return { ok: false, reason: `${state}.${word}` };
}
