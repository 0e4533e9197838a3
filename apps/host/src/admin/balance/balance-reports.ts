import { FirsthandError } from '@firsthand/domain';
import { createBalanceReportStore } from '@firsthand/persistence';
import type { AdminContext } from '../admin-context.js';
import type { Caller } from '../http/caller.js';
import { decodeCursor, toPage, type Page, type PageQuery } from '../http/page.js';
import { reportOf, summaryOf, type BalanceReport, type BalanceReportSummary } from './balance-report-bodies.js';

/** The reports of a workspace, the newest first. */
export async function listBalanceReports(admin: Pick<AdminContext, 'connection'>, { workspaceId }: Pick<Caller, 'workspaceId'>, { limit, cursor }: PageQuery): Promise<Page<BalanceReportSummary>> {
  const rows = await createBalanceReportStore(admin.connection).list(workspaceId, { before: decodeCursor(cursor) ?? null, limit: limit + 1 });
  return toPage(rows, limit, summaryOf, ({ day }) => day);
}

/**
 * The report of one day, with each minute that does not close.
 *
 * @throws FirsthandError `NOT_FOUND` where the day has none
 */
export async function getBalanceReport(admin: Pick<AdminContext, 'connection'>, { workspaceId }: Pick<Caller, 'workspaceId'>, day: string): Promise<BalanceReport> {
  const row = (await createBalanceReportStore(admin.connection).find(workspaceId, [day])).get(day);
  if (row === undefined) throw new FirsthandError('NOT_FOUND');
  return reportOf(row);
}
