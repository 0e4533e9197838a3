import type { DestinationConnection } from '../ports/configuration.js';
import { MAX_DECISION_AGE_MS } from './ask-again.js';
import { batchSizeOf } from './send-cleared.js';
import type { Slots } from './slots.js';

/** Half of what a decision lives: the other half is for the unforeseen. */
const SEND_WITHIN_MS = MAX_DECISION_AGE_MS / 2;
/** Requests that a slot may be given in advance as long as nothing is known of the destination's speed. */
const FIRST_TURNS = 4;
const MAX_DECIDED = 1_000;

/**
 * Rows that may be decided and not yet back: as many as will go while their decision surely holds, and what the slots take at once in any case. A
 * slow destination gets what its slots take; a quick one larger transactions.
 */
export function capacityOf(connection: DestinationConnection, { perSecond }: Slots): number {
  const { concurrency, destinations } = connection;
  const size = Math.min(100, Math.max(1, ...Object.values(destinations).map((destination) => batchSizeOf(destination, 'send', connection))));
  const requests = perSecond === null ? concurrency * FIRST_TURNS : (perSecond * SEND_WITHIN_MS) / 1_000;
  return Math.max(concurrency * size, Math.min(MAX_DECIDED, Math.floor(requests) * size));
}
