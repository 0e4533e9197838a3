import { stableId } from '@firsthand/domain';
import type { StoreTransaction } from '../ports/store.js';
import type { LedgerCounts } from '../person/person-work.js';
import type { ApplyItem, Candidate } from './apply-context.js';

/** The id of an event: the same for the same message of the same source, however often it comes. */
export function eventIdOf(workspaceId: string, connectionId: string, messageId: string): string {
  return `${workspaceId}|${stableId(workspaceId, connectionId, messageId)}`;
}

/**
 * Keeps one of each (connection, messageId), in the batch and against what is stored. Inserting only new ids matters: within a
 * transaction one duplicate key aborts everything.
 */
export async function dropDuplicates(tx: StoreTransaction, items: readonly ApplyItem[], workspaceId: string, counts: LedgerCounts): Promise<Candidate[]> {
  const candidates = items.flatMap((item) => {
    const { record, connectionId, receivedAt, refusal } = item.record;
    // Emptied while it waited here: its person was erased.
    if (record === null && refusal !== null) counts.add(connectionId, receivedAt, `refused.${refusal}`);
    return record === null ? [] : [{ item, record, eventId: eventIdOf(workspaceId, connectionId, record.messageId) }];
  });
  const stored = await tx.findEventIds(candidates.map(({ eventId }) => eventId));
  const seen = new Set<string>();
  return candidates.filter(({ item, eventId }) => {
    if (stored.has(eventId) || seen.has(eventId)) {
      counts.add(item.record.connectionId, item.record.receivedAt, 'duplicate');
      return false;
    }
    seen.add(eventId);
    return true;
  });
}
