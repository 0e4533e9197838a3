import { FRESHNESS_SPANS } from '@firsthand/pipeline';
import { z } from 'zod';

/** How much of each span may be asked for at once, in days: as much as is kept, or as anybody sees on a plot. */
export const MOST_DAYS = { minute: 1, hour: 31, day: 400 } as const;
/** Left out, so much is shown, in hours. */
export const DEFAULT_HOURS = { minute: 3, hour: 48, day: 30 * 24 } as const;

export const freshnessQuerySchema = z.object({
  from: z.iso.datetime().optional().meta({ description: `Left out, 3 hours before \`to\` by the minute, 2 days by the hour, 30 days by the day; at most ${MOST_DAYS.minute}, ${MOST_DAYS.hour} and ${MOST_DAYS.day} days before it.` }),
  to: z.iso.datetime().optional().meta({ description: 'Left out, now.' }),
  every: z.enum(FRESHNESS_SPANS).default('hour'),
  source: z.string().max(200).optional().meta({ description: 'The connection that the changes came through; `firsthand` for what the platform itself has found.' }),
  destination: z.string().max(200).optional(),
});
export type FreshnessQueryBody = z.infer<typeof freshnessQuerySchema>;

const ms = z.number().min(0).nullable();
const figures = {
  count: z.int().meta({ description: 'Writes that were confirmed.' }),
  p50Ms: ms.meta({ description: 'Half of them took so long at most, within 5 %. Null where there were none.' }), p95Ms: ms, p99Ms: ms, maxMs: ms.meta({ description: 'Exactly.' }),
  negative: z.int().meta({ description: 'Of the count: changes that lie after their own write, by a clock that is ahead. They count as 0.' }),
};
export const freshnessSchema = z.object({
  workspaceId: z.string(), every: z.enum(FRESHNESS_SPANS), from: z.iso.datetime(), to: z.iso.datetime(),
  all: z.object(figures).meta({ description: 'Over all pairs.' }),
  pairs: z.array(z.object({
    source: z.string(), sourceName: z.string(), destination: z.string(), destinationName: z.string(), ...figures,
    points: z.array(z.object({ at: z.iso.datetime(), ...figures })).meta({ description: 'By when the write was confirmed, oldest first. What had no write is left out.' }),
  })).meta({ description: 'The slowest first, by p99.' }),
}).meta({ id: 'Freshness' });
export type Freshness = z.infer<typeof freshnessSchema>;
export type FreshnessFigures = Freshness['all'];

const EXAMPLE = { count: 1_204, p50Ms: 180, p95Ms: 640, p99Ms: 1_350, maxMs: 2_211, negative: 0 };
export const FRESHNESS_EXAMPLE: Freshness = {
  workspaceId: 'main', every: 'hour', from: '2026-11-24T07:00:00.000Z', to: '2026-11-24T08:00:00.000Z', all: EXAMPLE,
  pairs: [{ source: 'online-shop', sourceName: 'Online shop', destination: 'crm', destinationName: 'CRM', ...EXAMPLE, points: [{ at: '2026-11-24T07:00:00.000Z', ...EXAMPLE }] }],
};
