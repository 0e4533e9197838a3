import type { OutcomeItem } from '@firsthand/pipeline';
import type { AcknowledgedEvent } from './generator.js';
import type { ReceivedRequest } from './scripted-destination.js';

/** A row of the outbox, as far as it is judged. */
export interface DeliveryEntry {
  /** Its idempotency key, which the destination sees. */
  key: string;
  messageId: string;
  profileId: string;
  /** Its place among the person's deliveries. */
  seq: number;
  state: string;
}

/** One line of a lane's evidence chain, in the order of the chain. */
export type ChainEntry = { kind: 'decision'; key: string; evaluatedAt: number } | ({ kind: 'outcome'; key: string } & Pick<OutcomeItem, 'outcome' | 'sentAt'>);

/** All that is known when a run is over: three ledgers kept by three parties, and the books. */
export interface Ledgers {
  /** By the senders. */
  acknowledged: readonly AcknowledgedEvent[];
  /** Message ids of the stored events. */
  applied: readonly string[];
  /** Codes of what was set apart: no record of these runs is to blame for anything. */
  quarantined: readonly string[];
  deliveries: readonly DeliveryEntry[];
  /** By the host: what it decided to send, and what it knows of each send. Only decisions that allow one. */
  chain: readonly ChainEntry[];
  /** False when the chain's hashes do not fit. */
  isChainWhole: boolean;
  /** By the destination. */
  received: readonly ReceivedRequest[];
  /** Keys of what had arrived and was not written down, for each crash. Null where crashes are not the run's matter or their moment is not known. */
  crashes: readonly (readonly string[])[] | null;
  /** Of `GET /admin/v1/balance`, or computed from the same rows. */
  difference: number;
  /** How many tries the destination's script takes until it says yes. */
  triesOf(messageId: string): number;
}
