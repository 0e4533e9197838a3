import { FenceLost } from './ports/store.js';

export interface Turns<Lease> {
  /** The next job that is due, under a lease; null when there is none. */
  claim(): Promise<Lease | null>;
  /** Goes on with a job for a while. How far it comes stands in the store. */
  turn(lease: Lease): Promise<void>;
  /** A job whose turn failed holds up no other: when it is due again. Left out, it is when its lease ends. */
  giveBack?(lease: Lease): Promise<void>;
  /** Turns until the next call, so that a job that is due again at once does not keep a tick for ever. */
  maxTurns: number;
  isStopped?(): boolean;
}

/**
 * Gives jobs their turns until none is due. One that fails keeps no other from its turn; one that another worker has taken over, or somebody has ended, is left to them.
 *
 * @throws what the first turn that failed has thrown, after all turns
 * @example await takeTurns({ claim: () => jobs.claim({ now, until, holder }), turn: (lease) => goOn(lease), giveBack: (lease) => jobs.release(lease, now + 5_000), maxTurns: 20 });
 */
export async function takeTurns<Lease>({ claim, turn, giveBack, maxTurns, isStopped = () => false }: Turns<Lease>): Promise<void> {
  const failures: unknown[] = [];
  for (let turns = 0; !isStopped() && turns < maxTurns; turns += 1) {
    const lease = await claim();
    if (lease === null) break;
    try {
      await turn(lease);
    } catch (error) {
      if (error instanceof FenceLost) continue;
      failures.push(error);
      await giveBack?.(lease).catch(() => undefined);
    }
  }
  if (failures.length > 0) throw failures[0];
}
