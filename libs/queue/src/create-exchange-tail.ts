import { FirsthandError } from '@firsthand/domain';
import type { Lane, MaskedExchange } from '@firsthand/pipeline';
import { Redis, type RedisOptions } from 'ioredis';

/** How often a process asks whether anybody follows anything. */
const LOOK_EVERY_MS = 1_000;
/** Of one connection, by one process: a person reads no more. */
const MAX_PER_SECOND = 50;
const COMMAND_TIMEOUT_MS = 2_000;

/** Requests and answers of destinations as they happen, masked, from all processes to whoever follows. Best effort: none is stored, and none waits. */
export interface ExchangeTail {
  /** Tells followers. `masked` is called only when there are any. */
  publish(lane: Lane, masked: () => MaskedExchange): void;
  /** Follows a destination until the function that it gives is called. Throws FirsthandError UNAVAILABLE while Valkey is away. */
  follow(lane: Lane, listener: (exchange: MaskedExchange) => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

/**
 * A live tail over Valkey's publish and subscribe. A process that sends asks once a second which channels have followers, and publishes to no other: what
 * nobody follows costs nothing. So a follower sees what is sent from about a second after they came.
 *
 * @param options.prefix of every channel in Valkey
 * @example const tail = createExchangeTail({ redisUrl, prefix: 'firsthand' }); const leave = await tail.follow(lane, show);
 */
export function createExchangeTail({ redisUrl, prefix }: { redisUrl: string; prefix: string }): ExchangeTail {
  const options: RedisOptions = { maxRetriesPerRequest: 0, commandTimeout: COMMAND_TIMEOUT_MS, connectTimeout: 3_000, retryStrategy: (times) => Math.min(50 * 2 ** Math.min(times, 5), 1_000) };
  const publisher = new Redis(redisUrl, { ...options, enableOfflineQueue: false });
  publisher.on('error', () => undefined);
  let subscriber: Redis | undefined;
  let followed = new Set<string>();
  let sentThisSecond = new Map<string, number>();
  const listeners = new Map<string, Set<(exchange: MaskedExchange) => void>>();
  const channelOf = ({ workspaceId, connectionId }: Lane): string => `${prefix}:tail:${workspaceId}|${connectionId}`;

  const looking = setInterval(() => {
    sentThisSecond = new Map();
    // While Valkey is away nobody is reached.
    publisher.pubsub('CHANNELS', `${prefix}:tail:*`).then((names) => { followed = new Set(names as string[]); }, () => { followed = new Set(); });
  }, LOOK_EVERY_MS);

  function open(): Redis {
    const client = new Redis(redisUrl, options);
    client.on('error', () => undefined);
    client.on('message', (channel: string, text: string) => {
      for (const listener of listeners.get(channel) ?? []) listener(JSON.parse(text) as MaskedExchange);
    });
    return client;
  }

  return {
    publish(lane, masked) {
      const channel = channelOf(lane);
      if (!followed.has(channel)) return;
      const sent = sentThisSecond.get(channel) ?? 0;
      if (sent >= MAX_PER_SECOND) return;
      sentThisSecond.set(channel, sent + 1);
      publisher.publish(channel, JSON.stringify(masked())).catch(() => undefined);
    },
    async follow(lane, listener) {
      const channel = channelOf(lane);
      const own = listeners.get(channel) ?? new Set();
      listeners.set(channel, own.add(listener));
      const client = (subscriber ??= open());
      const leave = async (): Promise<void> => {
        own.delete(listener);
        if (own.size > 0 || listeners.get(channel) !== own) return;
        listeners.delete(channel);
        await client.unsubscribe(channel).catch(() => undefined);
      };
      try {
        await client.subscribe(channel);
      } catch {
        await leave();
        throw new FirsthandError('UNAVAILABLE', 'Valkey does not answer: there is no live tail without it.', [], { retryAfterSeconds: 1 });
      }
      return leave;
    },
    close() {
      clearInterval(looking);
      publisher.disconnect();
      subscriber?.disconnect();
      return Promise.resolve();
    },
  };
}
