import { mergeLatencies } from '@firsthand/domain';
import { FRESHNESS_SPANS, type FreshnessCount, type FreshnessSpan } from '@firsthand/pipeline';
import type { mongo } from 'mongoose';
import type { Collections } from '../store/collections.js';
import { storeKey } from '../store/store-key.js';
import type { StoredFreshness, StoredFreshnessCounts } from '../store/stored-rows.js';

/** Rows of lanes that one transaction adds up. */
const MAX_ROWS = 200;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** What a row of sums holds: the minutes of an hour, one hour, one day; and for how many days it is kept. */
export const SPANS: Readonly<Record<FreshnessSpan, { ms: number; rowMs: number; keptDays: number }>> = {
  minute: { ms: 60_000, rowMs: HOUR_MS, keptDays: 8 }, hour: { ms: HOUR_MS, rowMs: HOUR_MS, keptDays: 62 }, day: { ms: DAY_MS, rowMs: DAY_MS, keptDays: 400 },
};

/** The keys of a workspace's sums of one span lie in order of time. */
export function freshnessKey(workspaceId: string, every: FreshnessSpan, at: number, ...pair: string[]): string {
  return storeKey(workspaceId, every, new Date(floor(at, SPANS[every].rowMs)).toISOString().slice(0, 13), ...pair);
}

/**
 * Adds up the oldest rows of a workspace in the transaction that deletes them, so that each counts once wherever a process dies. Gives how many it was.
 *
 * @example while (await runTransaction(client, (session) => compactFreshness(collections, session, workspaceId))) {}
 */
export async function compactFreshness({ freshnessCounts, freshness }: Collections, session: mongo.ClientSession, workspaceId: string): Promise<number> {
  const rows = await freshnessCounts.find(openOf(workspaceId), { session, sort: { _id: 1 }, limit: MAX_ROWS, batchSize: MAX_ROWS }).toArray();
  if (rows.length === 0) return 0;
  const added = new Map<string, { every: FreshnessSpan; row: StoredFreshnessCounts; counts: FreshnessCount[] }>();
  for (const every of FRESHNESS_SPANS) {
    for (const row of rows) {
      for (const count of row.counts) {
        const id = freshnessKey(workspaceId, every, count.minute, count.source, row.connectionId);
        const sum = added.get(id) ?? { every, row, counts: [] };
        added.set(id, sum);
        sum.counts.push(count);
      }
    }
  }
  const kept = new Map((await freshness.find({ _id: { $in: [...added.keys()] } }, { session, batchSize: added.size + 1 }).toArray()).map((sum) => [sum._id, sum]));
  await freshness.bulkWrite([...added].map(([_id, { every, row, counts }]) => (
    { replaceOne: { filter: { _id }, replacement: summed({ _id, every, row, counts }, kept.get(_id)), upsert: true } })), { session, ordered: false });
  await freshnessCounts.deleteMany({ _id: { $in: rows.map(({ _id }) => _id) } }, { session });
  return rows.length;
}

/** Rows that are not added up yet. */
export function openOf(workspaceId: string): mongo.Filter<StoredFreshnessCounts> {
  return { _id: { $gt: storeKey(workspaceId, ''), $lt: `${workspaceId}}` } };
}

function summed({ _id, every, row: { workspaceId, connectionId }, counts }: { _id: string; every: FreshnessSpan; row: StoredFreshnessCounts; counts: FreshnessCount[] }, kept: StoredFreshness | undefined): StoredFreshness {
  const { ms, rowMs, keptDays } = SPANS[every];
  const [{ source, minute }] = counts as [FreshnessCount];
  const parts = [...(kept?.parts ?? []), ...counts.map((count) => ({ at: floor(count.minute, ms), latency: count.latency }))];
  const times = [...new Set(parts.map(({ at }) => at))].sort((one, other) => one - other);
  return {
    _id, schemaVersion: 1, workspaceId, every, source, destination: connectionId,
    parts: times.map((time) => ({ at: time, latency: mergeLatencies(parts.filter(({ at }) => at === time).map(({ latency }) => latency)) })),
    expireAt: new Date(floor(minute, rowMs) + rowMs + keptDays * DAY_MS),
  };
}

/** Spans begin at whole multiples of their length in UTC. */
export function floor(at: number, ms: number): number {
  return at - (at % ms);
}
