import type { QuarantineQuery } from '@firsthand/pipeline';
import type { mongo } from 'mongoose';
import type { StoredQuarantine } from '../store/stored-rows.js';
import { quarantineFilter } from './quarantine-filter.js';

/**
 * Reads quarantined records in the order of receipt, by the index of what is asked for. Those that came at the same time as the last one are looked for by id, and all others by time, so that no page
 * passes over the ones before it.
 *
 * @example const rows = await readQuarantine(collections.quarantine, query);
 */
export async function readQuarantine(quarantine: mongo.Collection<StoredQuarantine>, query: QuarantineQuery, options: mongo.FindOptions = {}): Promise<StoredQuarantine[]> {
  const { after, limit } = query;
  const filter = quarantineFilter(query);
  const read = (place: mongo.Filter<StoredQuarantine>, most: number): Promise<StoredQuarantine[]> => (
    quarantine.find({ $and: [filter, place] }, { ...options, sort: { receivedAt: 1, _id: 1 }, limit: most, batchSize: most }).toArray());
  if (after === null) return read({}, limit);
  const same = await read({ receivedAt: after.receivedAt, _id: { $gt: after.quarantineId } }, limit);
  return same.length === limit ? same : [...same, ...await read({ receivedAt: { $gt: after.receivedAt } }, limit - same.length)];
}
