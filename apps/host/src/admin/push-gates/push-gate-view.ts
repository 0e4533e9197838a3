import type { PushBreach } from '@firsthand/domain';
import type { PushGateRow } from '@firsthand/pipeline';
import { z } from 'zod';
import { pageQuerySchema } from '../http/page.js';

const STATES = ['open', 'asked', 'held'] as const;
const time = z.iso.datetime();
const number = z.number().nullable();

const breachSchema = z.object({
  kind: z.enum(['shrunk', 'grown', 'missing', 'stale', 'not-computed']).meta({ description: '`shrunk`, `grown`: members. `missing`: percent of members without a value in a field that is sent. `stale`: hours since the newest event of any of them, null where there is none. `not-computed`: nobody knows, so nothing goes.' }),
  path: z.string().nullable().meta({ description: 'Of `missing`: the field.' }), before: number, now: number, limit: number,
}).meta({ id: 'PushBreach' });

const figuresSchema = z.object({
  at: time.meta({ description: 'Since when they are so. Name it with a decision: it holds for what was seen.' }), size: z.int(), newestEventAt: time.nullable(),
  missing: z.array(z.object({ path: z.string(), count: z.int() })).meta({ description: 'Of the fields that are sent: how many members have no value.' }),
}).meta({ id: 'PushFigures' });

export const pushGateSchema = z.object({
  id: z.string(), connectionId: z.string(), segmentId: z.string(),
  state: z.enum(STATES).meta({ description: '`open`: changes go out. `asked`: the segment is about to be looked at. `held`: it waits for a decision, or for the segment to be within its limits again.' }),
  heldSince: time.nullable(), breaches: z.array(breachSchema), figures: figuresSchema.nullable(), checkedAt: time.nullable(), waiting: z.int().meta({ description: 'Deliveries that wait at it.' }),
  decision: z.object({ as: z.enum(['approved', 'rejected']), by: z.string(), at: time }).nullable().meta({ description: 'The last one.' }),
}).meta({ id: 'PushGate' });
export type PushGateView = z.infer<typeof pushGateSchema>;

export const pushGateDetailSchema = pushGateSchema.extend({
  sample: z.array(z.object({ deliveryId: z.string(), operation: z.string(), profileId: z.string(), identities: z.array(z.object({ namespace: z.string(), value: z.string() })).meta({ description: 'Masked for who may not read them in full.' }) }))
    .meta({ description: 'Some of those whom it would concern, the longest waiting first.' }),
}).meta({ id: 'PushGateDetail' });
export type PushGateDetail = z.infer<typeof pushGateDetailSchema>;

export const pushGateQuerySchema = pageQuerySchema.extend({ state: z.enum(STATES).optional() });
export type PushGateQuery = z.infer<typeof pushGateQuerySchema>;

export const approvePushSchema = z.strictObject({ figuresAt: time.meta({ description: '`figures.at` of what you saw.' }) }).meta({ id: 'ApprovePush', examples: [{ figuresAt: '2026-11-24T09:00:00.000Z' }] });
export type ApprovePush = z.infer<typeof approvePushSchema>;

export const PUSH_GATE_EXAMPLE: PushGateDetail = {
  id: 'ads.recent-buyers', connectionId: 'ads', segmentId: 'recent-buyers', state: 'held', heldSince: '2026-11-24T09:00:00.000Z', breaches: [{ kind: 'shrunk', path: null, before: 12_480, now: 31, limit: 6_240 }],
  figures: { at: '2026-11-24T09:00:00.000Z', size: 31, newestEventAt: '2026-11-24T08:59:12.000Z', missing: [{ path: 'profile.email', count: 0 }] }, checkedAt: '2026-11-24T09:05:00.000Z', waiting: 12_449, decision: null,
  sample: [{ deliveryId: 'd3V1x0pZb5…', operation: 'removeMembers', profileId: 'p-1', identities: [{ namespace: 'email', value: 'a***@example.com' }] }],
};

const iso = (at: number): string => new Date(at).toISOString();
const isoOrNull = (at: number | null): string | null => (at === null ? null : iso(at));

/** A gate as it is shown, without how many wait at it. */
export function viewPushGate({ connectionId, segmentId, state, heldSince, breaches, figures, checkedAt, decision }: PushGateRow): Omit<PushGateView, 'waiting'> {
  return {
    id: `${connectionId}.${segmentId}`, connectionId, segmentId, state, heldSince: isoOrNull(heldSince), breaches: breaches.map((breach: PushBreach) => ({ ...breach })),
    figures: figures === null ? null : { at: iso(figures.at), size: figures.size, newestEventAt: isoOrNull(figures.newestAt), missing: figures.missing.map(({ path, count }) => ({ path, count })) },
    checkedAt: isoOrNull(checkedAt), decision: decision === null ? null : { ...decision, at: iso(decision.at) },
  };
}
