import { FirsthandError } from '@firsthand/domain';
import type { Clock } from '../ports/configuration.js';
import type { PipelineLog } from '../ports/pipeline-log.js';
import type { Store } from '../ports/store.js';
import { CONFIRMATION_LIFETIME_MS, MOST_PER_CONTACT, MOST_PER_SOURCE, SOURCE_WINDOW_MS, type ConfirmationRow } from './confirmation.js';
import { openAsks } from './open-asks.js';

/** Longer than it takes to hand a message over. */
const LEASE_MS = 60_000;
const RETRY_MS = 60_000;
const BATCH = 20;

export interface ConfirmationSenderOptions {
  store: Pick<Store, 'transaction' | 'findDueConfirmations' | 'countConfirmations'>;
  clock: Clock;
  log: PipelineLog;
  /** False while nothing can be sent: what waits is sent when that changes, if its link is not over by then. */
  isConfigured: boolean;
  /** Hands the message over. Throws FirsthandError UNAVAILABLE when nobody took it. */
  send(row: ConfirmationRow): Promise<void>;
}

/**
 * Sends the messages by which people are asked to confirm. Each try is written down before it, under a lease, so that neither a crash nor a second process makes more of them than one
 * contact may get. After a crash between the two it is sent again, with the same link. What was refused meanwhile is not asked for.
 *
 * @example repeat(() => sender.tick(), { name: 'confirmations', everyMs: 1_000, logger, onFailure })
 */
export function createConfirmationSender({ store, clock, log, isConfigured, send }: ConfirmationSenderOptions): { tick(): Promise<void> } {
  /** Null when there is nothing to send by this row, or not yet. */
  async function take(confirmationId: string): Promise<ConfirmationRow | null> {
    return store.transaction(async (tx) => {
      const now = clock();
      const row = (await tx.findConfirmations([confirmationId])).get(confirmationId);
      if (row === undefined || row.dueAt === null || row.dueAt > now) return null;
      const sentAt = row.sentAt.filter((at) => at > now - CONFIRMATION_LIFETIME_MS);
      const isOver = row.expiresAt <= now || sentAt.length >= MOST_PER_CONTACT || (await openAsks(tx, row)).length === 0;
      const taken = isOver ? { ...row, sentAt, dueAt: null } : { ...row, sentAt: [...sentAt, now], dueAt: now + LEASE_MS };
      await tx.writeConfirmations([taken]);
      return isOver ? null : taken;
    });
  }

  /** Ends a try, unless somebody asked anew meanwhile or another process has it. */
  async function settle(taken: ConfirmationRow, isSent: boolean): Promise<void> {
    await store.transaction(async (tx) => {
      const row = (await tx.findConfirmations([taken.confirmationId])).get(taken.confirmationId);
      if (row === undefined || row.dueAt !== taken.dueAt) return;
      // What nobody took has reached nobody.
      await tx.writeConfirmations([isSent ? { ...row, dueAt: null } : { ...row, dueAt: clock() + RETRY_MS, sentAt: row.sentAt.slice(0, -1) }]);
    });
  }

  async function postpone(confirmationId: string): Promise<void> {
    await store.transaction(async (tx) => {
      const row = (await tx.findConfirmations([confirmationId])).get(confirmationId);
      if (row !== undefined && row.dueAt !== null && row.dueAt <= clock()) await tx.writeConfirmations([{ ...row, dueAt: clock() + RETRY_MS }]);
    });
  }

  return {
    async tick() {
      if (!isConfigured) return;
      for (const { confirmationId, workspaceId, connectionId } of await store.findDueConfirmations(clock(), BATCH)) {
        if ((await store.countConfirmations({ workspaceId, connectionId }, clock() - SOURCE_WINDOW_MS)) >= MOST_PER_SOURCE) {
          await postpone(confirmationId);
          continue;
        }
        const taken = await take(confirmationId);
        if (taken === null) continue;
        const isSent = await send(taken).then(() => true, (error: unknown) => {
          log.warn({ workspaceId, connectionId, code: error instanceof FirsthandError ? error.code : 'INTERNAL' }, 'A confirmation was not sent; it is tried again.');
          return false;
        });
        await settle(taken, isSent);
      }
    },
  };
}
