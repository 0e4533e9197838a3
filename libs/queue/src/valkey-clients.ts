import { Redis, type RedisOptions } from 'ioredis';
import type { DoorbellLog } from './doorbell-host.js';

const MAX_RETRY_MS = 1_000;

/** The connections of one process: one to ring with, one that the workers share and copy. */
export interface ValkeyClients {
  producer: Redis;
  consumer: Redis;
  /** Lets go of both, and of every copy that a worker still holds: none connects again. */
  disconnect(): void;
}

/** Opens both in the background. While Valkey is away the producer fails at once and the consumer waits; both come back by themselves. */
export function openValkeyClients(redisUrl: string, log: DoorbellLog): ValkeyClients {
  let isOver = false;
  const options: RedisOptions = { retryStrategy: (times) => (isOver ? null : Math.min(50 * 2 ** Math.min(times, 5), MAX_RETRY_MS)), connectTimeout: 3_000 };
  // A ring that cannot be sent now is worth nothing later: the sweep makes it good.
  const producer = new Redis(redisUrl, { ...options, enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout: 2_000 });
  const consumer = new Redis(redisUrl, { ...options, maxRetriesPerRequest: null });
  reportOutages(producer, log);
  // The producer reports for both.
  consumer.on('error', () => undefined);
  return {
    producer,
    consumer,
    disconnect() {
      isOver = true;
      producer.disconnect();
      consumer.disconnect();
    },
  };
}

/** One line when Valkey goes and one when it is back, whatever happens in between. */
function reportOutages(client: Redis, log: DoorbellLog): void {
  let isAway = false;
  client.on('error', (error: Error) => {
    if (isAway) return;
    isAway = true;
    log.warn({ error: error.name }, 'Valkey does not answer; the sweep keeps the work going');
  });
  client.on('ready', () => {
    if (isAway) log.info({}, 'Valkey answers again');
    isAway = false;
  });
}
