import { FirsthandError } from '@firsthand/domain';
import { Redis } from 'ioredis';

/**
 * Refuses a Valkey that may evict keys: a queue is not a cache, and a key that goes missing is a ring that goes missing. The policy is read
 * from INFO, for CONFIG is often disabled on hosted servers.
 *
 * @throws FirsthandError EVICTING_QUEUE on any policy but `noeviction`, UNAVAILABLE when Valkey does not answer within 3 s
 * @example await assertNoEviction('redis://127.0.0.1:6379');
 */
export async function assertNoEviction(redisUrl: string): Promise<void> {
  const client = new Redis(redisUrl, { lazyConnect: true, connectTimeout: 3_000, commandTimeout: 3_000, retryStrategy: () => null });
  // The failed command tells; an event without a listener would be printed.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const policy = /^maxmemory_policy:(\S+)/m.exec(await client.info('memory'))?.[1];
    if (policy !== 'noeviction') throw new FirsthandError('EVICTING_QUEUE', `Its maxmemory-policy is ${policy ?? 'not told'}.`);
  } catch (error) {
    if (error instanceof FirsthandError) throw error;
    throw new FirsthandError('UNAVAILABLE', 'Valkey does not answer.', [], { retryAfterSeconds: 1 });
  } finally {
    client.disconnect();
  }
}
