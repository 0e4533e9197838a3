import { addBuckets } from '@firsthand/domain';
import { askedKeys, settleCounts, type HourSum, type QualityPlace } from '@firsthand/pipeline';
import type { mongo } from 'mongoose';
import type { Collections } from '../store/collections.js';
import { storeKey } from '../store/store-key.js';
import type { StoredQualityHour } from '../store/stored-rows.js';

/** Rows of batches that one transaction adds up: at 400 records each well within its time. */
const MAX_ROWS = 50;
const DAY_MS = 86_400_000;
/** Eight weeks are compared with, and thirty days before a window of seven: nothing older is asked for. */
const HOUR_DAYS = 60;
const OPTIONS = { ordered: false } as const;

/** The key of an hour's counts; those of a place lie in order. */
export function hourKey({ workspaceId, stamp, connectionId }: Pick<QualityPlace, 'workspaceId' | 'stamp' | 'connectionId'>, hour: number): string {
  return storeKey(workspaceId, stamp, connectionId, new Date(hour).toISOString().slice(0, 13));
}

/**
 * Adds up the oldest rows of a workspace in the transaction that deletes them, so that each counts once wherever a process dies. Gives how many it was.
 *
 * @example while (await runTransaction(client, (session) => compactCounts(collections, session, workspaceId))) {}
 */
export async function compactCounts(collections: Collections, session: mongo.ClientSession, workspaceId: string): Promise<number> {
  const { qualityCounts, qualityDigests, qualityHours, qualityStates } = collections;
  const rows = await qualityCounts.find({ _id: { $gt: storeKey(workspaceId, ''), $lt: `${workspaceId}}` } }, { session, sort: { _id: 1 }, limit: MAX_ROWS }).toArray();
  const [first] = rows;
  if (first === undefined) return 0;
  const asked = askedKeys(rows).map((key) => storeKey(workspaceId, key));
  // One that has expired may lie there for another minute.
  const found = asked.length === 0 ? [] : await qualityDigests.find({ _id: { $in: asked }, expireAt: { $gt: new Date(first.at) } }, { session, projection: { _id: 1 } }).toArray();
  const { sums, remembered } = settleCounts(rows, new Set(found.map(({ _id }) => _id.slice(workspaceId.length + 1))));
  if (remembered.size > 0) {
    await qualityDigests.bulkWrite([...remembered].map(([key, until]) => ({
      updateOne: { filter: { _id: storeKey(workspaceId, key) }, update: { $max: { expireAt: new Date(until) }, $setOnInsert: { schemaVersion: 1, workspaceId } }, upsert: true },
    })), { ...OPTIONS, session });
  }
  if (sums.length > 0) {
    const kept = new Map((await qualityHours.find({ _id: { $in: sums.map((sum) => hourKey(sum, sum.hour)) } }, { session }).toArray()).map((hour) => [hour._id, hour]));
    await qualityHours.bulkWrite(sums.map((sum) => {
      const replacement = added(sum, kept.get(hourKey(sum, sum.hour)));
      return { replaceOne: { filter: { _id: replacement._id }, replacement, upsert: true } };
    }), { ...OPTIONS, session });
    await qualityStates.bulkWrite(sums.map(({ expectationId, stamp, connectionId, lastAt }) => ({
      updateOne: {
        filter: { _id: storeKey(workspaceId, stamp, connectionId) }, upsert: true,
        update: {
          $max: { lastAt },
          $setOnInsert: { schemaVersion: 1, workspaceId, expectationId, stamp, connectionId, status: 'unknown' as const, since: first.at, isTold: false, toldAt: null, countedSince: lastAt, alertConnectionId: null, revision: 0 },
        },
      },
    })), { session });
  }
  await qualityCounts.deleteMany({ _id: { $in: rows.map(({ _id }) => _id) } }, { session });
  return rows.length;
}

function added({ workspaceId, expectationId, stamp, connectionId, hour, buckets }: HourSum, kept: StoredQualityHour | undefined): StoredQualityHour {
  return {
    _id: hourKey({ workspaceId, stamp, connectionId }, hour), schemaVersion: 1, workspaceId, expectationId, stamp, connectionId, hour,
    buckets: addBuckets(kept?.buckets ?? [], buckets), expireAt: new Date(hour + HOUR_DAYS * DAY_MS),
  };
}
