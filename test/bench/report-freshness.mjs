import { writeFile } from 'node:fs/promises';
import { GOALS } from './freshness.mjs';

/**
 * Prints the figures beside the goals, and writes them into a file when one is named.
 * @param {object} results see `benchFreshness`
 * @param {string | undefined} file
 * @param {(line: string) => void} print
 */
export async function reportFreshness(results, file, print) {
  const { fresh, outage } = results;
  print(`\nfreshness at 100 changes/s, vendor answers after 50 ms: p50 ${fresh.p50Ms} ms, p95 ${fresh.p95Ms} ms, p99 ${fresh.p99Ms} ms (goal ${GOALS.p99Ms} ms), longest ${fresh.maxMs} ms; ${fresh.confirmed} writes confirmed of ${fresh.changes} changes`);
  print(`the same as the vendor saw it: p50 ${fresh.atVendor.p50Ms} ms, p99 ${fresh.atVendor.p99Ms} ms; at most ${fresh.mostPerSecond} requests in a second`);
  if (outage !== undefined) {
    const { minutes, changes, waiting, caughtUpSeconds, writes, replaced, mostPerSecond, limit, people, stale, differing } = outage;
    print(`\nafter an outage of ${minutes} minutes (${changes.toLocaleString('en')} changes of ${people.toLocaleString('en')} people, of which ${waiting.toLocaleString('en')} waited): caught up after ${caughtUpSeconds} s (goal ${GOALS.caughtUpSeconds} s), with ${writes.toLocaleString('en')} writes, ${replaced.toLocaleString('en')} replaced by newer state`);
    print(`at most ${mostPerSecond} requests in a second (limit ${limit.perSecond}/s and ${limit.burst} at once); people who were told an older state first: ${stale}; copies that differ in the end: ${differing}`);
  }
  if (file !== undefined) await writeFile(file, `${JSON.stringify(results, null, 2)}\n`);
}
