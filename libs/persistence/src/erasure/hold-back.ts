import { heldRecord, stableId } from '@firsthand/domain';
import type { HeldCount } from '@firsthand/pipeline';
import type { mongo } from 'mongoose';
import { ownKey, storeKey } from '../store/store-key.js';
import type { StoredEvent, StoredHeld } from '../store/stored-rows.js';
import type { RemovalScope } from './removal-part.js';

/**
 * Copies what legal holds keep of events that are about to go, without whose they were. Doing it again changes nothing.
 *
 * @param of.pseudonym what stands in place of the person: an erasure, or a day's sweep; begins with the workspace
 * @returns how many rows each hold keeps
 */
export async function holdBack({ collections: { heldData, legalHolds }, session, now }: Pick<RemovalScope, 'collections' | 'session' | 'now'>, { workspaceId, pseudonym }: { workspaceId: string; pseudonym: string }, found: readonly StoredEvent[]): Promise<HeldCount[]> {
  const holds = found.length === 0 ? [] : await legalHolds.find({ workspaceId, 'content.until': { $gt: now } }, { session }).toArray();
  const kept: HeldCount[] = [];
  for (const { content: { category, reason, until } } of holds) {
    const rows = found.flatMap(({ _id, record }): mongo.AnyBulkWriteOperation<StoredHeld>[] => {
      const held = heldRecord(category, record);
      if (held === null) return [];
      const id = storeKey(workspaceId, stableId(workspaceId, 'held', ownKey(workspaceId, pseudonym), category, _id));
      return [{ updateOne: { filter: { _id: id }, update: { $setOnInsert: { schemaVersion: 1, workspaceId, erasureId: pseudonym, category, heldAt: now, record: held } }, upsert: true } }];
    });
    if (rows.length === 0) continue;
    await heldData.bulkWrite(rows, { session, ordered: false });
    kept.push({ category, reason, until, rows: rows.length });
  }
  return kept;
}
