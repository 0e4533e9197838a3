import type { DeliveryRow, MaskedExchange } from '../ports/rows.js';
import type { SendOutcome } from './send-cleared.js';

/** A send that came back, not yet written down. */
export interface Settled {
  row: DeliveryRow;
  /** The block that the row is in flight in; null for a row of the outbox. */
  blockId: string | null;
  sentAt: number;
  settledAt: number;
  result: SendOutcome | { outcome: 'not-sent' };
  /** Of one that failed. */
  exchange?: MaskedExchange;
}
