import { addBuckets, hourOf, type QualityBucket } from '@firsthand/domain';
import type { QualityCount, QualityCountRow, QualityPlace } from './quality-rows.js';

/** The counts of one expectation at one source in one hour. */
export interface HourSum extends QualityPlace {
  /** The start of the hour, epoch ms. */
  hour: number;
  buckets: QualityBucket[];
  lastAt: number;
}

/** What rows of batches come to. */
export interface SettledCounts {
  sums: HourSum[];
  /** Keys of digests that are remembered from now on, or for longer → until when, epoch ms. */
  remembered: Map<string, number>;
}

/** The key of a digest among all that are remembered of a workspace: `set|digest`. */
export function digestKey(set: string, digest: string): string {
  return `${set}|${digest}`;
}

/** The keys of all digests that rows ask for: which of them are remembered has to be looked up before they are settled. */
export function askedKeys(rows: readonly QualityCountRow[]): string[] {
  return [...new Set(rows.flatMap(({ counts }) => counts.flatMap((count) => (count.asked ?? []).map((digest) => digestKey(setOf(count), digest)))))];
}

/**
 * Adds up what batches have counted, hour by hour, and judges the values that they left open: one that was seen before fails where none may come twice, one that nobody told of where it has to
 * be known. What rows make known counts for all of them. Pure: the same rows on the same memory come to the same.
 *
 * @param remembered the asked keys that are remembered
 */
export function settleCounts(rows: readonly QualityCountRow[], remembered: ReadonlySet<string>): SettledCounts {
  const made = new Map<string, number>();
  for (const { known } of rows) {
    for (const { set, digests, until } of known) for (const digest of digests) made.set(digestKey(set, digest), Math.max(until, made.get(digestKey(set, digest)) ?? 0));
  }
  const sums = new Map<string, HourSum>();
  for (const { workspaceId, at, counts } of rows) {
    for (const count of counts) {
      const { expectationId, stamp, connectionId, lastAt } = count;
      const hour = hourOf(count.at);
      const key = `${stamp}|${connectionId}|${hour}`;
      const sum = sums.get(key) ?? { workspaceId, expectationId, stamp, connectionId, hour, buckets: [], lastAt };
      const failed = count.failed + failedOf(count, at, remembered, made);
      const bucket = { at: count.at, checked: count.checked, failed, ...(count.types === undefined ? {} : { types: count.types }) };
      sums.set(key, { ...sum, lastAt: Math.max(sum.lastAt, lastAt), buckets: addBuckets(sum.buckets, [bucket]) });
    }
  }
  return { sums: [...sums.values()], remembered: made };
}

function failedOf(count: QualityCount, at: number, remembered: ReadonlySet<string>, made: Map<string, number>): number {
  const { asked = [], asks } = count;
  let failed = 0;
  for (const digest of asked) {
    const key = digestKey(setOf(count), digest);
    const isRemembered = remembered.has(key) || made.has(key);
    if (asks?.kind === 'unseen') {
      if (isRemembered) failed += 1;
      else made.set(key, at + asks.keptMs);
    } else if (!isRemembered) failed += 1;
  }
  return failed;
}

function setOf({ stamp, connectionId, asks }: QualityCount): string {
  return asks?.kind === 'known' ? asks.set : `${stamp}|${connectionId}`;
}
