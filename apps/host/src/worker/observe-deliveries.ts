import { maskExchange, type DeliveryObserver } from '@firsthand/pipeline';
import type { Metrics } from '@firsthand/platform';
import type { ExchangeTail } from '@firsthand/queue';
import { countDeliveries } from './measure-deliveries.js';

/** Metrics and the live tail of what the lanes of this process send. */
export function observeDeliveries(metrics: Metrics, tail: Pick<ExchangeTail, 'publish'>): DeliveryObserver {
  const counted = countDeliveries(metrics);
  return {
    settled: (...outcome) => counted.settled(...outcome),
    arrived: (...arrival) => counted.arrived(...arrival),
    exchanged(connection, exchange) {
      counted.exchanged(connection, exchange);
      tail.publish(connection, () => maskExchange(exchange));
    },
  };
}
