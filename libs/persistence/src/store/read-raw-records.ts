import type { JsonValue } from '@firsthand/domain';
import type { Collections } from './collections.js';

/**
 * The raw records that events were made from, by eventId. They are kept for a short time only (`rawRetentionDays`): one that is past it
 * is left out.
 *
 * @example const raw = (await readRawRecords(collections, [eventId])).get(eventId);
 */
export async function readRawRecords({ rawRecords }: Pick<Collections, 'rawRecords'>, eventIds: readonly string[]): Promise<Map<string, JsonValue>> {
  const found = await rawRecords.find({ _id: { $in: [...eventIds] } }).toArray();
  return new Map(found.map(({ _id, raw }) => [_id, JSON.parse(raw) as JsonValue]));
}
