import { heldRecord, stableId } from '@firsthand/domain';
import type { HeldCount } from '@firsthand/pipeline';
import type { mongo } from 'mongoose';
import { identitiesOf } from '../person-data/data-subject.js';
import { ownKey, storeKey } from '../store/store-key.js';
import type { StoredEvent, StoredHeld } from '../store/stored-rows.js';
import { idsAfter, type RemovalPart, type RemovalScope } from './removal-part.js';

const BATCH = 500;
/** Events looked at in one part for identities of the person: a range of keys, read once. */
const RANGE = 5_000;

/** Removes the person's events with their raw records; what a hold keeps is copied without whose it was. */
export async function removeEvents(scope: RemovalScope): Promise<RemovalPart> {
  const { collections: { events }, session, subject: { workspaceId, profileIds } } = scope;
  const found = await events.find({ workspaceId, profileId: { $in: [...profileIds] } }, { session, limit: BATCH }).toArray();
  const held = await holdBack(scope, found);
  const counts = await removeAll(scope, found);
  return { counts, held, next: found.length < BATCH ? null : '' };
}

/**
 * Removes events of others that name an identity of the person: a device that claimed it, as a public key lets anyone do. No index leads to them, so all events are gone through, a range of keys at a
 * time.
 */
export async function removeNamedEvents(scope: RemovalScope): Promise<RemovalPart> {
  const { collections: { events }, session, row, subject } = scope;
  const range = idsAfter(subject.workspaceId, row.cursor ?? '');
  const last = await events.find({ _id: range }, { session, projection: { _id: 1 }, sort: { _id: 1 }, skip: RANGE - 1, limit: 1 }).toArray();
  const upTo = last[0]?._id;
  const within = upTo === undefined ? range : { $gt: range.$gt, $lte: upTo };
  const found = await events.find({ _id: within, 'record.identities': { $in: identitiesOf(subject) } }, { session }).toArray();
  return { counts: await removeAll(scope, found), next: upTo ?? null };
}

async function removeAll({ collections: { events, rawRecords }, session }: RemovalScope, found: readonly StoredEvent[]): Promise<Record<string, number>> {
  if (found.length === 0) return {};
  const places = found.flatMap(({ raw }) => raw ?? []);
  if (places.length > 0) await rawRecords.bulkWrite(places.map((place) => ({ updateOne: { filter: { _id: place.in }, update: { $set: { [`raws.${place.at}`]: null } } } })), { session, ordered: false });
  const { deletedCount } = await events.deleteMany({ _id: { $in: found.map(({ _id }) => _id) } }, { session });
  return { events: deletedCount, ...(places.length === 0 ? {} : { rawRecords: places.length }) };
}

async function holdBack(scope: RemovalScope, found: readonly StoredEvent[]): Promise<HeldCount[]> {
  const { collections: { heldData, legalHolds }, session, row: { erasureId, workspaceId }, now } = scope;
  const holds = found.length === 0 ? [] : await legalHolds.find({ workspaceId, 'content.until': { $gt: now } }, { session }).toArray();
  const kept: HeldCount[] = [];
  for (const { content: { category, reason, until } } of holds) {
    const rows = found.flatMap(({ _id, record }): mongo.AnyBulkWriteOperation<StoredHeld>[] => {
      const held = heldRecord(category, record);
      if (held === null) return [];
      const id = storeKey(workspaceId, stableId(workspaceId, 'held', ownKey(workspaceId, erasureId), category, _id));
      return [{ updateOne: { filter: { _id: id }, update: { $setOnInsert: { schemaVersion: 1, workspaceId, erasureId, category, heldAt: now, record: held } }, upsert: true } }];
    });
    if (rows.length === 0) continue;
    await heldData.bulkWrite(rows, { session, ordered: false });
    kept.push({ category, reason, until, rows: rows.length });
  }
  return kept;
}
