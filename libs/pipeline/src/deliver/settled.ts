import type { ChangeOrigin } from '../freshness/change-origin.js';
import type { DeliveryRow, MaskedExchange } from '../ports/rows.js';
import type { SendOutcome } from './send-cleared.js';

/** What has to be known of a membership's request when its outcome comes. */
export interface SentMembership {
  profileIds: readonly string[];
  digest: string | null;
}

/** A send that came back, not yet written down. */
export interface Settled {
  row: DeliveryRow;
  /** The block that the row is in flight in; null for a row of the outbox. */
  blockId: string | null;
  sentAt: number;
  settledAt: number;
  result: SendOutcome | { outcome: 'not-sent' };
  /** Of one that changes a membership: at which profiles that is noted, and the digest of what was sent; null for a way out. */
  membership?: SentMembership | undefined;
  /** What its freshness is measured from; null where none is. */
  origin: ChangeOrigin | null;
  /** Of a write of a sync rule: the profile that the copy is noted at. */
  sync?: { profileId: string } | undefined;
  /** Of one that failed. */
  exchange?: MaskedExchange;
}

/** Reasons of a failure that the recipient itself has given: what was sent is not there. */
const REFUSALS: ReadonlySet<string> = new Set(['invalid-payload', 'invalid-credentials', 'destination-gone', 'destination-moved', 'endpoint-missing', 'rate-limited']);

/** Whether a failure says that nothing was done. */
export function isRefusal(reason: string | null): boolean {
  return reason !== null && REFUSALS.has(reason);
}
