import { isPassing } from '../apply/create-apply.js';
import { findPoison } from '../apply/find-poison.js';
import type { ApplyContext } from '../apply/apply-context.js';
import type { Store } from '../ports/store.js';
import type { QuarantinePlace, QuarantineQuery } from './quarantine-job.js';
import { releaseRows, toItem } from './release-rows.js';

/** What a release would do. */
export interface TriedRelease {
  /** How many records were looked at. */
  records: number;
  /** As on `QuarantineJobRow`. */
  counts: Record<string, number>;
  /** The last of them, where there may be more. */
  next: QuarantinePlace | null;
}

/** Thrown to roll a trial back. */
class TrialOver extends Error {}

/**
 * Tells what a release of the first records of a selection would do: the release itself, in a transaction that is rolled back. Nothing is stored.
 *
 * @param context made anew for each attempt
 * @throws FirsthandError UNAVAILABLE, CONFLICT when others kept writing the same people
 * @example const { counts } = await tryRelease(store, query, () => context);
 */
export async function tryRelease(store: Store, query: QuarantineQuery, context: () => ApplyContext): Promise<TriedRelease> {
  const trial = async (poison: ReadonlySet<string>): Promise<TriedRelease> => {
    let tried: TriedRelease | undefined;
    const over = new TrialOver();
    await store.transaction(async (tx) => {
      const rows = await tx.findQuarantined(query);
      const { counts } = await releaseRows(tx, rows, { ...context(), startsFlows: false, poison });
      const last = rows.at(-1);
      tried = { records: rows.length, counts, next: last === undefined || rows.length < query.limit ? null : { receivedAt: last.receivedAt, quarantineId: last.quarantineId } };
      throw over;
    }).catch((error: unknown) => { if (error !== over) throw error; });
    return tried as TriedRelease;
  };
  try {
    return await trial(new Set());
  } catch (error) {
    if (isPassing(error)) throw error;
    return trial(await findBreaking(store, query, context));
  }
}

/**
 * The records of a page that break its transaction, each found in one that is rolled back.
 *
 * @throws what may pass by itself
 */
export async function findBreaking(store: Store, query: QuarantineQuery, context: () => ApplyContext): Promise<Set<string>> {
  const release = () => ({ ...context(), startsFlows: false, poison: new Set<string>() });
  const rows = await store.transaction((tx) => tx.findQuarantined(query));
  const items = rows.flatMap((row) => toItem(row, release()) ?? []);
  return findPoison(items, (part, thenThrow) => store.transaction(async (tx) => {
    await releaseRows(tx, part.flatMap(({ quarantined }) => quarantined ?? []), release());
    throw thenThrow;
  }), { isPassing, isHealthy: () => store.inbox.hasDue(0).then(() => true, () => false) });
}
