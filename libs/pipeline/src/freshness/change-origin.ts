import { INTERNAL_CONNECTION } from '../person/move-segments.js';
import type { DeliveryRow, EventRow } from '../ports/rows.js';

/** Which connection a change came through that a delivery carries, and when it happened; epoch ms. */
export interface ChangeOrigin {
  connectionId: string;
  at: number;
}

/**
 * Since when a destination lacks what a delivery brings it: since the event happened that caused it. What the platform itself finds (time alone has moved a segment, a schedule, a withdrawal to be
 * carried out), and what a flow has let wait on purpose, counts from the moment at which the delivery was made. Null where nothing is said of freshness: what caused it tells of the past (an import, a release
 * from quarantine, a record a day old at its receipt), or it asks and writes nothing.
 *
 * @example changeOriginOf(row, events.get(row.eventId ?? ''))
 */
export function changeOriginOf({ operation, timing, createdAt }: Pick<DeliveryRow, 'operation' | 'timing' | 'createdAt'>, event: EventRow | undefined): ChangeOrigin | null {
  if (operation === 'ask' || timing === 'past') return null;
  if (event === undefined) return { connectionId: INTERNAL_CONNECTION, at: createdAt };
  return { connectionId: event.connectionId, at: timing === 'waited' ? createdAt : event.record.occurredAt };
}
