import type { ActivityKey } from '@firsthand/domain';

/**
 * Durable work on everybody of a workspace after a change of its configuration: counters with conditions are counted from the stored
 * events, and people whose segments or next due time are other ones now are made due for the sweep. All times are epoch ms.
 */
export interface Backfill {
  /** Counters that nobody kept before. Empty when people are only to be evaluated. */
  counters: ActivityKey[];
  /** Whether the counters have been filled once: until then no segment that reads one of them is evaluated. */
  isFilled: boolean;
  /** From where the passes are timed: the change, then the end of the filling. */
  since: number;
  /** When the next turn is due. */
  dueAt: number;
  /** When the pass under way began; null between passes. */
  startedAt: number | null;
  /** The profile id after which the pass goes on; null at its beginning. */
  cursor: string | null;
  holder: string | null;
  /** End of the lease. */
  until: number;
  /** Grows with each claim; every write checks it. */
  fence: number;
}

/** Longer than any process may go on with an older configuration (1 s), and its usual transaction with it. */
const EVERYWHERE_MS = 2_500;
/** A process that took the older configuration, then waited for a vendor (9 s) and for its transaction (MongoDB ends it after 60 s), has come to its end. */
const SETTLED_MS = 90_000;
/** A pass over everybody ends what a pass due earlier was for; the last one counts anew what the stragglers may have missed. */
const PASSES_MS = [0, EVERYWHERE_MS, SETTLED_MS];
/** After this every process has the configuration in which the filled counters are known to be so. */
const KNOWN_MS = 1_000;

/**
 * The work that a change gives rise to. Counters are filled when every process keeps them; people are evaluated at once and again then.
 *
 * @example newBackfill(newlyTracked, clock())
 */
export function newBackfill(counters: readonly ActivityKey[], now: number): Backfill {
  const isFilled = counters.length === 0;
  return { counters: [...counters], isFilled, since: now, dueAt: isFilled ? now : now + EVERYWHERE_MS, startedAt: null, cursor: null, holder: null, until: 0, fence: 0 };
}

/** Whether a pass counts from stored events, or evaluates only. */
export function isRecounting({ counters, isFilled, since }: Backfill, startedAt: number): boolean {
  return counters.length > 0 && (!isFilled || startedAt >= since + SETTLED_MS);
}

/**
 * What is left after a pass that began at `startedAt`; null when nothing is.
 *
 * @example afterPass(backfill, startedAt, clock())
 */
export function afterPass(backfill: Backfill, startedAt: number, now: number): Backfill | null {
  const rest = { ...backfill, startedAt: null, cursor: null };
  if (!backfill.isFilled) return { ...rest, isFilled: true, since: now, dueAt: now + KNOWN_MS };
  const next = PASSES_MS.find((afterMs) => backfill.since + afterMs > startedAt);
  return next === undefined ? null : { ...rest, dueAt: backfill.since + next };
}
