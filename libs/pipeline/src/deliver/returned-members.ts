import { isIn } from '../person/move-segments.js';
import type { PersonWork } from '../person/person-work.js';
import type { DeliveryRow, EventRow, LaneLease } from '../ports/rows.js';
import type { WorkspaceConfiguration } from '../ports/configuration.js';
import { findKeptEvents } from '../retention/forget-person.js';
import type { StoreTransaction } from '../ports/store.js';

/** What is to put a person in again whom a removal is about to take out. */
export interface Returned {
  row: DeliveryRow;
  event: EventRow | undefined;
}

/**
 * Of the removals of a round, those of people who are back in the segment and whom the same step is to put in again: delivery id of the removal → the row behind it.
 * Looked for only where such a removal is due.
 */
export async function findReturned(
  tx: StoreTransaction, { due, lease: { workspaceId, connectionId }, configuration, evaluatedAt }: { due: readonly DeliveryRow[]; lease: LaneLease; configuration: WorkspaceConfiguration; evaluatedAt: number },
  { people, events }: { people: ReadonlyMap<string, PersonWork>; events: ReadonlyMap<string, EventRow> },
): Promise<ReadonlyMap<string, Returned>> {
  const idsOf = ({ profileId }: DeliveryRow): string[] => [profileId, ...(people.get(profileId)?.profile.mergedFrom ?? [])];
  const removals = due.filter(({ cause, segmentId, profileId }) => {
    const person = people.get(profileId);
    return cause === 'segment-left' && segmentId !== null && person !== undefined && isIn(person, segmentId);
  });
  if (removals.length === 0) return new Map();
  const pending = await tx.findPendingAdditions(workspaceId, removals.flatMap(idsOf), removals.flatMap(({ segmentId }) => segmentId ?? []));
  const pairs = removals.flatMap((removal) => {
    const behind = pending.find((row) => row.connectionId === connectionId && row.action === removal.action && row.flowId === removal.flowId && row.stepId === removal.stepId
      && row.segmentId === removal.segmentId && idsOf(removal).includes(row.profileId) && isAfter(row, removal));
    return behind === undefined ? [] : [{ removal, row: behind }];
  });
  const missing = pairs.flatMap(({ row: { eventId } }) => (eventId === null || events.has(eventId) ? [] : [eventId]));
  const found = await findKeptEvents(tx, missing, people, configuration, evaluatedAt);
  return new Map(pairs.map(({ removal, row }) => [removal.deliveryId, { row, event: row.eventId === null ? undefined : (events.get(row.eventId) ?? found.get(row.eventId)) }]));
}

function isAfter(one: DeliveryRow, other: DeliveryRow): boolean {
  return one.createdAt > other.createdAt || (one.createdAt === other.createdAt && one.seq > other.seq);
}
