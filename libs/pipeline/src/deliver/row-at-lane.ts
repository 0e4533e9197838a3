import { isIn } from '../person/move-segments.js';
import type { PersonWork } from '../person/person-work.js';
import { operationOf } from '../person/plan-delivery.js';
import type { DestinationConnection } from '../ports/configuration.js';
import type { DeliveryRow } from '../ports/rows.js';

/** A data row as its destination takes it: a row that was planned while the destination was missing only had a guess. */
export function rowAtLane(row: DeliveryRow, connection: DestinationConnection): DeliveryRow {
  if (row.class !== 'data' || row.operation === 'ask' || connection.destinations[row.action] === undefined) return row;
  const operation = operationOf(row, { destinations: new Map([[row.connectionId, connection]]) });
  return operation === row.operation ? row : { ...row, operation };
}

/** Whether a row, as its destination takes it, changes who is in an audience. */
export function changesMembership(row: DeliveryRow, { destinations }: Pick<DestinationConnection, 'destinations'>): boolean {
  return destinations[row.action]?.accepts === 'membership';
}

/** Whether a row would put a person into an audience over a segment that they have left, after what took them out, or ahead of it. */
export function comesTooLate({ operation, segmentId }: DeliveryRow, person: PersonWork | undefined): boolean {
  return operation === 'addMembers' && segmentId !== null && person !== undefined && person.isErased !== true && !isIn(person, segmentId);
}
