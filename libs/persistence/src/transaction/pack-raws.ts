import { randomUUID } from 'node:crypto';
import type { EventRow } from '@firsthand/pipeline';
import { storeKey } from '../store/store-key.js';
import type { StoredEvent, StoredRaws } from '../store/stored-rows.js';

/** A document takes 16 MB. */
const MAX_CHARACTERS = 3_000_000;

/**
 * Packs the raw records of events into few documents, each of one workspace.
 *
 * @returns the documents, and for each event by index where its raw record went (null when it has none)
 */
export function packRaws(events: readonly Pick<EventRow, 'workspaceId' | 'receivedAt' | 'raw'>[], retentionMs: number): { documents: StoredRaws[]; places: StoredEvent['raw'][] } {
  const documents: StoredRaws[] = [];
  let characters = 0;
  const places = events.map(({ workspaceId, receivedAt, raw }) => {
    if (raw === null) return null;
    const text = JSON.stringify(raw);
    const expireAt = new Date(receivedAt + retentionMs);
    let document = documents.at(-1);
    if (document === undefined || document.workspaceId !== workspaceId || characters + text.length > MAX_CHARACTERS) {
      document = { _id: storeKey(workspaceId, randomUUID()), schemaVersion: 1, workspaceId, raws: [], expireAt };
      documents.push(document);
      characters = 0;
    }
    characters += text.length;
    document.raws.push(text);
    // As long as the last of them may be kept; they were received within moments of each other.
    if (expireAt > document.expireAt) document.expireAt = expireAt;
    return { in: document._id, at: document.raws.length - 1 };
  });
  return { documents, places };
}
