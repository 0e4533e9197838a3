import type { BalanceReportRow } from '@firsthand/pipeline';
import { z } from 'zod';

const counts = z.record(z.string(), z.int());
const side = z.enum(['records', 'deliveries']).meta({ description: 'What a source took in, or what a destination was to be sent.' });

const summary = {
  day: z.string().meta({ description: 'In UTC.' }), judgedAt: z.iso.datetime().meta({ description: 'Each day of the last seven is judged anew every day.' }),
  closes: z.boolean(), minutes: z.int().meta({ description: 'Minutes of connections that were looked at.' }), openMinutes: z.int().meta({ description: 'Those that do not close.' }),
  difference: z.int().meta({ description: '0, or something was lost or counted twice.' }), toldAt: z.iso.datetime().nullable().meta({ description: 'When somebody was told that it does not close; null where there was no need.' }),
};
export const balanceReportSummarySchema = z.object(summary).meta({ id: 'BalanceReportSummary' });
export type BalanceReportSummary = z.infer<typeof balanceReportSummarySchema>;

export const balanceReportSchema = z.object({
  ...summary,
  connections: z.array(z.object({ connectionId: z.string(), of: side, total: z.int(), parts: counts.meta({ description: 'As in `GET /admin/v1/balance`.' }), openMinutes: z.int(), difference: z.int() })),
  gaps: z.array(z.object({
    connectionId: z.string(), of: side, minute: z.iso.datetime(), total: z.int(), parts: counts, missing: z.int().meta({ description: 'Above 0: so many are nowhere. Below 0: so many are in two places.' }),
  })).meta({ description: 'The minutes that do not close, 500 at most.' }),
}).meta({ id: 'BalanceReport' });
export type BalanceReport = z.infer<typeof balanceReportSchema>;

export const REPORT_SUMMARY_EXAMPLE: BalanceReportSummary = { day: '2026-11-23', judgedAt: '2026-11-24T00:10:03.000Z', closes: false, minutes: 2_880, openMinutes: 1, difference: 2, toldAt: '2026-11-24T00:10:04.000Z' };
export const BALANCE_REPORT_EXAMPLE: BalanceReport = {
  ...REPORT_SUMMARY_EXAMPLE,
  connections: [{ connectionId: 'crm', of: 'deliveries', total: 8_640, parts: { delivered: 8_630, 'blocked.no-consent': 8 }, openMinutes: 1, difference: 2 }],
  gaps: [{ connectionId: 'crm', of: 'deliveries', minute: '2026-11-23T14:07:00.000Z', total: 6, parts: { delivered: 4 }, missing: 2 }],
};

export function summaryOf({ day, judgedAt, minutes, openMinutes, difference, toldAt }: BalanceReportRow): BalanceReportSummary {
  return { day, judgedAt: new Date(judgedAt).toISOString(), closes: openMinutes === 0, minutes, openMinutes, difference, toldAt: toldAt === null ? null : new Date(toldAt).toISOString() };
}

export function reportOf(row: BalanceReportRow): BalanceReport {
  return { ...summaryOf(row), connections: row.connections, gaps: row.gaps };
}
