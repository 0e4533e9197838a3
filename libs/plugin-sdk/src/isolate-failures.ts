import type { SendResult } from './destination.js';
import { InvalidPayload } from './errors.js';

/**
 * Sends items together; when the vendor refuses the whole request for its content, sends each half again, until the bad ones stand alone. So one
 * bad item costs the others nothing but a few more requests. For calls that may be repeated (upserts, set operations, keys the vendor deduplicates by).
 * `sendAll` gives one result per item, or throws InvalidPayload for all; any other error says nothing of the items and is not divided.
 *
 * @throws what `sendAll` throws for all items or for a single one.
 * @example sendBatch: ({ items, ...context }) => isolateFailures(items, (some) => upsertAll(context, some))
 */
export async function isolateFailures<I>(items: readonly I[], sendAll: (items: readonly I[]) => Promise<SendResult[]>): Promise<SendResult[]> {
  try {
    return await sendAll(items);
  } catch (error) {
    if (!(error instanceof InvalidPayload) || items.length < 2) throw error;
  }
  const middle = Math.ceil(items.length / 2);
  const results: SendResult[] = [];
  for (const half of [items.slice(0, middle), items.slice(middle)]) {
    const stop = results.find(isNoVerdict);
    results.push(...(stop === undefined ? await settle(half, sendAll) : half.map(() => stop)));
  }
  return results;
}

/** A failure of the vendor, not of the item: the rest would meet it too. */
function isNoVerdict(result: SendResult): boolean {
  return !result.ok && !(result.error instanceof InvalidPayload);
}

async function settle<I>(items: readonly I[], sendAll: (items: readonly I[]) => Promise<SendResult[]>): Promise<SendResult[]> {
  try {
    return await isolateFailures(items, sendAll);
  } catch (error) {
    const failure = error instanceof Error ? error : new InvalidPayload('The item could not be sent.');
    return items.map(() => ({ ok: false, error: failure }));
  }
}
