import { FirsthandError } from '@firsthand/domain';
import { queueAgeMs, recentOutcomes } from '@firsthand/persistence';
import type { OutcomeItem } from '@firsthand/pipeline';
import { z } from 'zod';
import type { AdminContext } from '../admin-context.js';
import { getBalance } from '../balance/balance.js';
import type { Caller } from '../http/caller.js';
import { isDestination } from '../../configuration/documents.js';
import { readConnection } from './connections.js';

const HOUR_MS = 3_600_000;

export const deliveryMetricsQuerySchema = z.object({
  from: z.iso.datetime().optional().meta({ description: 'Counts what was made from this minute on.' }), to: z.iso.datetime().optional().meta({ description: 'Counts what was made before this minute.' }),
});
export type DeliveryMetricsQuery = z.infer<typeof deliveryMetricsQuerySchema>;

const byReason = z.record(z.string(), z.int());
export const deliveryMetricsSchema = z.object({
  at: z.iso.datetime(), deliveries: z.int(), sent: z.int().meta({ description: 'Delivered.' }), blocked: byReason.meta({ description: 'By the reason of the decision.' }), failed: byReason.meta({ description: 'Given up, by reason.' }),
  cancelled: byReason, pending: z.int(),
  queueAgeMs: z.int().meta({ description: 'How long the longest due delivery has waited.' }),
  lastHour: z.object({
    retried: byReason.meta({ description: 'Failed tries that are tried again, by reason.' }),
    latencyMs: z.object({ count: z.int(), p50: z.int().nullable(), p95: z.int().nullable(), p99: z.int().nullable() })
      .meta({ description: 'From the send to its outcome, whatever it was. Null without any.' }),
  }).meta({ description: 'Of the latest sends, those of the last 200 rounds of the lane.' }),
}).meta({ id: 'DeliveryMetrics' });
export type DeliveryMetrics = z.infer<typeof deliveryMetricsSchema>;

/**
 * What became of a destination's deliveries and how quick it is, over all processes: counts from the ledger, times from the evidence.
 *
 * @throws FirsthandError `NOT_FOUND`, `INVALID_REQUEST` for a source
 */
export async function readDeliveryMetrics(admin: AdminContext, caller: Caller, connectionId: string, span: DeliveryMetricsQuery): Promise<DeliveryMetrics> {
  const lane = { workspaceId: caller.workspaceId, connectionId };
  const { content } = await readConnection(admin, caller.workspaceId, connectionId);
  if (!isDestination(content)) throw new FirsthandError('INVALID_REQUEST', 'Only destinations have deliveries.');
  const now = admin.clock();
  const [balance, ageMs, outcomes] = await Promise.all([
    getBalance(admin, caller, { ...span, per: 'total', connectionId }), queueAgeMs(admin.collections, lane, now), recentOutcomes(admin.collections, lane, now - HOUR_MS),
  ]);
  const { deliveries, parts } = balance.destinations[0] ?? { deliveries: 0, parts: {} as Record<string, number> };
  const under = (kind: string): Record<string, number> => Object.fromEntries(Object.entries(parts).flatMap(([key, count]) => (key.startsWith(`${kind}.`) ? [[key.slice(kind.length + 1), count]] : [])));
  return {
    at: new Date(now).toISOString(), deliveries, sent: parts.delivered ?? 0, blocked: under('blocked'), failed: under('dead'), cancelled: under('cancelled'), pending: parts.pending ?? 0, queueAgeMs: ageMs,
    lastHour: { retried: countReasons(outcomes.filter(({ outcome }) => outcome === 'retry')), latencyMs: latencyOf(outcomes) },
  };
}

function countReasons(outcomes: readonly OutcomeItem[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { reason } of outcomes) counts[reason ?? 'unknown'] = (counts[reason ?? 'unknown'] ?? 0) + 1;
  return counts;
}

/** Percentiles by nearest rank. What was never sent, or whose end a crash hid, took no time that is known. */
export function latencyOf(outcomes: readonly OutcomeItem[]): DeliveryMetrics['lastHour']['latencyMs'] {
  const times = outcomes.filter(({ outcome, reason }) => outcome !== 'not-sent' && reason !== 'stalled').map(({ sentAt, settledAt }) => settledAt - sentAt).sort((a, b) => a - b);
  const at = (share: number): number | null => times[Math.max(0, Math.ceil(times.length * share) - 1)] ?? null;
  return { count: times.length, p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}
