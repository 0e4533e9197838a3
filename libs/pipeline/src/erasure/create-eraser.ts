import type { Clock } from '../ports/configuration.js';
import type { DeliveryState } from '../ports/rows.js';
import { takeTurns } from '../take-turns.js';
import type { ErasureLease, ErasureRecipient, ErasureRow } from './erasure.js';
import type { ErasureStore } from './erasure-store.js';

export interface EraserOptions {
  erasures: ErasureStore;
  clock: Clock;
  /** Unique to this process. */
  holder: string;
}

export interface Eraser {
  /** Goes on with every erasure that is due and nobody else's, and with what legal holds kept too long. */
  tick(): Promise<void>;
}

/** How long a row is a worker's without a sign of life; each part of the work is one. */
export const ERASURE_LEASE_MS = 30_000;
/** Recipients are looked at again so soon at first, and then after a tenth of the time that has passed. */
const LOOK_AGAIN_MS = 1_000;
const LATEST_LOOK_MS = 10 * 60_000;
/** Of one erasure until the next has its turn, and turns until the next tick. */
const MAX_PARTS = 20;
const MAX_TURNS = 50;
const SWEEP_HELD_EVERY_MS = 60 * 60_000;

/**
 * Removes people whose erasure has begun, part by part. Each part is a transaction that also says how far it came: a worker may die between any two, and another goes on.
 *
 * @example repeat(() => eraser.tick(), { name: 'erase', everyMs: 1_000, logger, onFailure })
 */
export function createEraser({ erasures, clock, holder }: EraserOptions): Eraser {
  let heldSweptAt = 0;

  async function remove(lease: ErasureLease): Promise<void> {
    let { row } = lease;
    for (let parts = 0; row.step !== 'recipients' && isDue(row, clock()) && parts < MAX_PARTS; parts += 1) row = await erasures.work({ ...lease, row }, clock());
    if (row.step === 'recipients' && isDue(row, clock())) await follow({ ...lease, row });
  }

  async function follow(lease: ErasureLease): Promise<void> {
    const { row } = lease;
    const now = clock();
    const told = await erasures.findTold(row.workspaceId, row.recipients.flatMap(({ deliveryId }) => deliveryId ?? []));
    const recipients = row.recipients.map((recipient) => standingOf(recipient, told, now));
    const dueAt = now + Math.min(LATEST_LOOK_MS, Math.max(LOOK_AGAIN_MS, (now - row.startedAt) / 10));
    const isTold = recipients.every(({ status }) => status !== 'pending');
    return isTold ? erasures.finish(lease, { recipients, dueAt }, now) : erasures.save(lease, { recipients, dueAt });
  }

  return {
    async tick() {
      await takeTurns({ claim: () => erasures.claim({ now: clock(), until: clock() + ERASURE_LEASE_MS, holder }), turn: remove, maxTurns: MAX_TURNS });
      if (clock() - heldSweptAt < SWEEP_HELD_EVERY_MS) return;
      heldSweptAt = clock();
      await erasures.sweepHeld(clock());
    },
  };
}

function isDue({ dueAt }: Pick<ErasureRow, 'dueAt'>, now: number): boolean {
  return dueAt !== null && dueAt <= now;
}

/** What the delivery that tells a recipient says of it. One that is gone was never told. */
function standingOf(recipient: ErasureRecipient, told: ReadonlyMap<string, { state: DeliveryState; reason: string | null }>, now: number): ErasureRecipient {
  if (recipient.deliveryId === null || recipient.status !== 'pending') return recipient;
  const found = told.get(recipient.deliveryId);
  const set = (status: ErasureRecipient['status'], reason: string | null = null): ErasureRecipient => ({ ...recipient, status, reason, at: now });
  if (found === undefined) return set('failed', 'delivery-gone');
  if (found.state === 'pending') return recipient;
  if (found.state === 'delivered') return set(recipient.operation === 'erase' ? 'confirmed' : 'removed');
  if (found.reason === 'nothing-disclosed' || found.reason === 'already-confirmed') return set('not-needed');
  return found.reason?.startsWith('destination-cannot') === true ? set('cannot-erase') : set('failed', found.reason);
}
