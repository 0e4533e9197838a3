import { EXPECTATION_KINDS, EXPECTATION_SEVERITIES } from '@firsthand/domain';
import { z } from 'zod';

export const DEFAULT_DAYS = 7;
export const MOST_DAYS = 400;
/** A year by the hour would be more points than anybody sees. */
export const MOST_HOURLY_DAYS = 31;

export const reportQuerySchema = z.object({
  from: z.iso.datetime().optional().meta({ description: `Left out, ${DEFAULT_DAYS} days before \`to\`; at most ${MOST_DAYS} days before it, by the hour ${MOST_HOURLY_DAYS}.` }),
  to: z.iso.datetime().optional().meta({ description: 'Left out, now.' }),
  every: z.enum(['hour', 'day']).default('hour'),
  connectionId: z.string().max(200).optional(),
});
export type ReportQuery = z.infer<typeof reportQuerySchema>;

const score = z.number().min(0).max(1).nullable().meta({ description: '1 is all as expected; null where there was too little to say.' });
const points = z.array(z.object({ at: z.iso.datetime(), score: z.number() })).meta({ description: 'The mean of the lowest scores of the expectations in each hour or day, oldest first.' });
const figure = z.number().nullable();

const standingSchema = z.object({
  expectationId: z.string(), name: z.string(), kind: z.enum(EXPECTATION_KINDS), severity: z.enum(EXPECTATION_SEVERITIES), connectionId: z.string().nullable().meta({ description: 'Null where no source has sent anything it speaks of.' }),
  event: z.string().nullable(), field: z.string().nullable(), status: z.enum(['passing', 'failing', 'unknown']), since: z.iso.datetime().nullable(), score,
  checked: z.int().nullable(), failed: z.int().nullable(), observed: figure.meta({ description: 'What was found: a share, minutes of silence, or a number of events.' }), expected: figure,
  quarantine: z.string().nullable().meta({ description: 'Where the records of the source are that could not be used.' }),
});
export type QualityStandingView = z.infer<typeof standingSchema>;

const alertSchema = z.object({
  alertId: z.string(), type: z.enum(['quality.failing', 'quality.recovered', 'quality.withdrawn']), expectationId: z.string(), name: z.string(), connectionId: z.string(), to: z.string(), at: z.iso.datetime(), state: z.enum(['pending', 'told', 'given-up']),
});

export const qualityReportSchema = z.object({
  workspaceId: z.string(), from: z.iso.datetime(), to: z.iso.datetime(), every: z.enum(['hour', 'day']),
  sources: z.array(z.object({ connectionId: z.string(), name: z.string(), score, failing: z.int(), points })),
  fields: z.array(z.object({ connectionId: z.string(), field: z.string(), score, failing: z.int(), points })),
  expectations: z.array(standingSchema).meta({ description: 'How each stands at each source; what fails comes first, the most severe before all.' }),
  alerts: z.array(alertSchema).meta({ description: 'The latest 50 within that time, newest first.' }),
}).meta({ id: 'QualityReport' });
export type QualityReport = z.infer<typeof qualityReportSchema>;

export const REPORT_EXAMPLE: QualityReport = {
  workspaceId: 'main', from: '2026-11-23T08:00:00.000Z', to: '2026-11-24T08:00:00.000Z', every: 'hour',
  sources: [{ connectionId: 'till', name: 'Till', score: 0.93, failing: 1, points: [{ at: '2026-11-24T07:00:00.000Z', score: 0.93 }] }],
  fields: [{ connectionId: 'till', field: 'order.storeId', score: 0.93, failing: 1, points: [{ at: '2026-11-24T07:00:00.000Z', score: 0.93 }] }],
  expectations: [{
    expectationId: 'orders-name-store', name: 'Orders name their store', kind: 'completeness', severity: 'critical', connectionId: 'till', event: 'Order Completed', field: 'order.storeId', status: 'failing', since: '2026-11-24T07:12:00.000Z',
    score: 0.93, checked: 200, failed: 14, observed: 0.07, expected: 0.01, quarantine: '/admin/v1/quarantine/groups?connectionId=till',
  }],
  alerts: [{ alertId: 'a-1', type: 'quality.failing', expectationId: 'orders-name-store', name: 'Orders name their store', connectionId: 'till', to: 'data-team', at: '2026-11-24T07:12:00.000Z', state: 'told' }],
};
