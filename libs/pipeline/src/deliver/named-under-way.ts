import { isSameJson, type JsonObject, type JsonValue } from '@firsthand/domain';
import type { DeliveryRow } from '../ports/rows.js';
import { identifiersOf, type Cleared } from './decide-delivery.js';

/**
 * Whether what is to be taken out is named by a request that has not come back, under whichever person: of two who were taken for one a moment ago it may put in what is the other's now. Out before it would be in for good.
 *
 * @param underWay of the same recipient
 */
export function isNamedUnderWay({ payloads, destination }: Pick<Cleared, 'payloads' | 'destination'>, underWay: readonly { row: Pick<DeliveryRow, 'class'>; cleared: Cleared }[]): boolean {
  const sent = underWay.filter(({ row }) => row.class === 'data').flatMap(({ cleared: { payloads: given, destination: { identifiers, audience = [] } } }) => given.flatMap((payload) => namesIn(identifiersOf(payload, identifiers), audience)));
  return sent.length > 0 && payloads.flatMap((payload) => namesIn(payload, destination.audience ?? [])).some((name) => sent.some((other) => isSameJson(name, other)));
}

/** A list is nobody. */
function namesIn(identifiers: JsonObject, audience: readonly string[]): JsonValue[] {
  return Object.entries(identifiers).flatMap(([name, value]) => (audience.includes(name) ? [] : [value]));
}
