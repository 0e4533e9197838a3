import type { Exchange } from '../deliver/exchange.js';
import type { DestinationConnection } from './configuration.js';

/** Is told what goes on at the destinations: for metrics and the live tail. It must not throw, and holds nothing up. */
export interface DeliveryObserver {
  /** A request ended. It is as it was: mask it before it is shown. */
  exchanged(connection: DestinationConnection, exchange: Exchange): void;
  /** An outcome or an end is written down: `delivered`, `retry`, `dead`, `blocked`, `cancelled` or `not-sent`, with its reason; or `held`, of one that waits at its gate or for the end of quiet hours. */
  settled(connection: DestinationConnection, outcome: string, reason: string | null): void;
  /** A change that came through the connection `source` was confirmed, so long after it happened: negative where clocks differ. */
  arrived?(connection: DestinationConnection, source: string, ms: number): void;
}
