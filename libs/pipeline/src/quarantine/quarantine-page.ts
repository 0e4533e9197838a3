import { LedgerCounts } from '../person/person-work.js';
import type { QuarantineRow } from '../ports/quarantine-row.js';
import type { StoreTransaction } from '../ports/store.js';
import type { QuarantineJobLease, QuarantineJobRow, QuarantineQuery } from './quarantine-job.js';
import { releaseRows, type ReleaseContext, type ReleasedRows } from './release-rows.js';

/** A page's share of a job. */
export interface QuarantinePage {
  job: QuarantineJobRow;
  lanes: string[];
}

export interface PageContext extends Omit<ReleaseContext, 'startsFlows'> {
  /** What was set aside before is to go. Epoch ms. */
  keptSince: number;
  /** Records of one transaction. */
  limit: number;
  /** Until when the lease is prolonged. */
  until: number;
}

/** What a job asks for next. */
export function nextOf({ workspaceId, selection, connectionIds, startedAt, after }: QuarantineJobRow, { keptSince, limit }: Pick<PageContext, 'keptSince' | 'limit'>): QuarantineQuery {
  return { workspaceId, selection, connectionIds, keptSince, until: startedAt, after, limit };
}

/**
 * Does the next page of a job in one transaction with the note of how far it came: a crash between any two pages leaves nothing out, and does nothing twice.
 *
 * @throws FenceLost when another worker has the job, or somebody has ended it
 */
export async function workPage(tx: StoreTransaction, lease: QuarantineJobLease, context: PageContext): Promise<QuarantinePage> {
  const { job } = lease;
  const rows = await tx.findQuarantined(nextOf(job, context));
  const { lanes, counts } = job.kind === 'release' ? await releaseRows(tx, rows, { ...context, startsFlows: job.startsFlows }) : await discardRows(tx, rows, job.workspaceId);
  const next = advance(job, rows, counts, context);
  await tx.writeQuarantineJob(lease, next, next.dueAt === null || next.dueAt > context.now ? 0 : context.until);
  return { job: next, lanes };
}

async function discardRows(tx: StoreTransaction, rows: readonly QuarantineRow[], workspaceId: string): Promise<ReleasedRows> {
  await tx.removeQuarantined(rows.map(({ quarantineId }) => quarantineId));
  await tx.insertLedger(workspaceId, LedgerCounts.moved(rows, 'quarantined', 'discarded').list());
  return { lanes: [], counts: rows.length === 0 ? {} : { discarded: rows.length } };
}

function advance(job: QuarantineJobRow, rows: readonly QuarantineRow[], counts: Readonly<Record<string, number>>, { limit, now }: PageContext): QuarantineJobRow {
  const sums = { ...job.counts };
  for (const [name, count] of Object.entries(counts)) sums[name] = (sums[name] ?? 0) + count;
  const last = rows.at(-1);
  const after = last === undefined ? job.after : { receivedAt: last.receivedAt, quarantineId: last.quarantineId };
  if (rows.length < limit) return { ...job, counts: sums, after, dueAt: null, end: { at: now, as: 'done' } };
  return { ...job, counts: sums, after, dueAt: now + (job.perSecond === null ? 0 : Math.ceil((rows.length * 1_000) / job.perSecond)) };
}
