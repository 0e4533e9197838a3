import { LIST_EXPORT_ACTION } from '../people-export/list-export-action.js';
import type { DeliveryRow } from '../ports/rows.js';

/**
 * How far a recipient has come with what it was told to forget: not sent yet, or tried again later; on its way, with no answer written down; done, as it says; given up;
 * of a kind that it cannot do; of a list that left as a file, for which somebody has to ask it themself; or of no need any more.
 */
export const REMOVAL_STATUSES = ['queued', 'sent', 'confirmed', 'failed', 'cannot-remove', 'manual', 'not-needed'] as const;
export type RemovalStatus = (typeof REMOVAL_STATUSES)[number];

/** Unconfirmed for so long, somebody is told. */
export const LATE_AFTER_MS = 24 * 60 * 60_000;

/** How a removal ends of which somebody has noted that the recipient has carried it out. */
export const CONFIRMED_BY_HAND = 'confirmed-by-hand';

/** What else the status of a removal hangs on. */
export interface RemovalFacts {
  /** Whether its current try was decided and has no outcome that is written down. */
  isUnderWay: boolean;
  /** Whether a refusal stands against what the recipient got, or it may not have it any more. */
  isOwed: boolean;
}

/**
 * The status of a removal, from the row of the outbox: it is kept nowhere else.
 *
 * @example removalStatus({ state: 'dead', reason: 'retries-exhausted:destination-failed' }, { isUnderWay: false, isOwed: true }) // 'failed'
 */
export function removalStatus({ action, state, reason }: Pick<DeliveryRow, 'state' | 'reason'> & Partial<Pick<DeliveryRow, 'action'>>, { isUnderWay, isOwed }: RemovalFacts): RemovalStatus {
  if (state === 'delivered' || reason === 'already-confirmed' || reason === CONFIRMED_BY_HAND) return 'confirmed';
  if (state === 'pending') return isUnderWay ? 'sent' : 'queued';
  if (!isOwed) return 'not-needed';
  if (action === LIST_EXPORT_ACTION && state === 'dead') return 'manual';
  if (reason?.startsWith('destination-cannot-') === true) return 'cannot-remove';
  // Cancelled: there was nothing to take back. By the deletion of its connection it would be lost.
  return state === 'cancelled' && reason !== 'connection-deleted' ? 'not-needed' : 'failed';
}

/** Whether somebody has to see to it still. */
export function isOpenRemoval(status: RemovalStatus): boolean {
  return status !== 'confirmed' && status !== 'not-needed';
}

/** Whether a removal has been open for so long that somebody is told. Epoch ms. */
export function isLateRemoval(status: RemovalStatus, queuedAt: number, now: number): boolean {
  return isOpenRemoval(status) && now - queuedAt >= LATE_AFTER_MS;
}
