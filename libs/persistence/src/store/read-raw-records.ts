import type { JsonValue } from '@firsthand/domain';
import type { mongo } from 'mongoose';
import type { Collections } from './collections.js';
import type { StoredEvent } from './stored-rows.js';

/**
 * The raw records that events were made from, by eventId. They are kept for a short time only (`rawRetentionDays`): one that is past it, or
 * was erased, is left out.
 *
 * @example const raw = (await readRawRecords(collections, [eventId])).get(eventId);
 */
export async function readRawRecords({ events, rawRecords }: Pick<Collections, 'events' | 'rawRecords'>, eventIds: readonly string[]): Promise<Map<string, JsonValue>> {
  const found = await events.find({ _id: { $in: [...eventIds] } }, { projection: { raw: 1 } }).toArray();
  const documents = await rawRecords.find({ _id: { $in: [...new Set(found.flatMap(({ raw }) => raw?.in ?? []))] } }).toArray();
  const byId = new Map(documents.map((document) => [document._id, document.raws]));
  return new Map(found.flatMap(({ _id, raw }) => {
    const text = raw === null ? undefined : byId.get(raw.in)?.[raw.at];
    return typeof text === 'string' ? [[_id, JSON.parse(text) as JsonValue] as const] : [];
  }));
}

/**
 * Erases the raw records of events, and nothing else of the documents they lie in.
 *
 * @example await eraseRawRecords(collections, eventIdsOfThePerson);
 */
export async function eraseRawRecords(collections: Pick<Collections, 'events' | 'rawRecords'>, eventIds: readonly string[]): Promise<void> {
  await emptyRaws(collections, await collections.events.find({ _id: { $in: [...eventIds] } }, { projection: { raw: 1 } }).toArray());
}

/** Empties the raw records of these events. Gives how many. */
export async function emptyRaws({ rawRecords }: Pick<Collections, 'rawRecords'>, events: readonly Pick<StoredEvent, 'raw'>[], session?: mongo.ClientSession): Promise<number> {
  const places = events.flatMap(({ raw }) => raw ?? []);
  const writes = places.map((place) => ({ updateOne: { filter: { _id: place.in }, update: { $set: { [`raws.${place.at}`]: null } } } }));
  if (writes.length > 0) await rawRecords.bulkWrite(writes, { ordered: false, ...(session === undefined ? {} : { session }) });
  return writes.length;
}
