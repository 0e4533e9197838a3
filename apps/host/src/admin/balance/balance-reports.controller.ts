import { Controller, Inject, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ADMIN, type AdminContext } from '../admin-context.js';
import { CallerOf, type Caller } from '../http/caller.js';
import { idSchema } from '../http/id-schema.js';
import { pageOf, pageQuerySchema, type Page, type PageQuery } from '../http/page.js';
import { Route } from '../http/route.js';
import { BALANCE_REPORT_EXAMPLE, balanceReportSchema, balanceReportSummarySchema, REPORT_SUMMARY_EXAMPLE, type BalanceReport, type BalanceReportSummary } from './balance-report-bodies.js';
import { getBalanceReport, listBalanceReports } from './balance-reports.js';

@ApiTags('Balance')
@Controller('admin/v1/balance-reports')
export class BalanceReportsController {
  constructor(@Inject(ADMIN) private readonly admin: AdminContext) {}

  @Route({
    method: 'GET', summary: 'Whether the books of each day close, the newest first', requires: ['read', 'balance'], isResult: true, gives: pageOf(balanceReportSummarySchema), example: { items: [REPORT_SUMMARY_EXAMPLE], nextCursor: null },
    description: 'Each day, soon after midnight UTC, for every connection and minute of the day before; kept for 400 days. Privacy officers, or the owners, are told once when a day does not close.',
  })
  list(@CallerOf() caller: Caller, @Query({ schema: pageQuerySchema }) query: PageQuery): Promise<Page<BalanceReportSummary>> {
    return listBalanceReports(this.admin, caller, query);
  }

  @Route({ method: 'GET', path: ':day', summary: 'The books of a day, and each minute that does not close', requires: ['read', 'balance'], isResult: true, gives: balanceReportSchema, errors: ['NOT_FOUND'], example: BALANCE_REPORT_EXAMPLE })
  get(@CallerOf() caller: Caller, @Param('day', { schema: idSchema }) day: string): Promise<BalanceReport> {
    return getBalanceReport(this.admin, caller, day);
  }
}
