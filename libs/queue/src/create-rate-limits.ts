import { localRateLimits, type Lane, type RateLimit, type RateLimits } from '@firsthand/pipeline';
import { Redis } from 'ioredis';
import type { DoorbellLog } from './doorbell-host.js';

/**
 * A token bucket in one step, so that processes cannot grant the same token twice. The time is the server's: theirs may differ. Returns how many of the wanted
 * tokens were granted, and in how many milliseconds there is another one. A negative wish puts tokens back.
 */
const TAKE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local rate, burst, wanted = tonumber(ARGV[1]) / 1000, tonumber(ARGV[2]), tonumber(ARGV[3])
local stored = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens, at = tonumber(stored[1]) or burst, tonumber(stored[2]) or now
tokens = math.min(burst, tokens + math.max(0, now - at) * rate)
local granted = math.max(0, math.min(wanted, math.floor(tokens)))
if wanted < 0 then tokens = math.min(burst, tokens - wanted) else tokens = tokens - granted end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', tostring(now))
redis.call('PEXPIRE', KEYS[1], math.ceil(burst / rate) + 1000)
local wait = 0
if granted < wanted then wait = math.ceil((1 - tokens) / rate) end
return { granted, wait }
`;

/** The client with the script, which ioredis loads once and calls by its hash. */
interface TokenClient extends Redis {
  takeTokens(key: string, perSecond: number, burst: number, wanted: number): Promise<[granted: number, waitMs: number]>;
}

/** How long one look at Valkey may take: what is slower is asked no more for this moment. */
const COMMAND_TIMEOUT_MS = 500;

/** Rate limits over all processes. */
export interface SharedRateLimits extends RateLimits {
  close(): void;
}

/**
 * Token buckets in Valkey, one per destination connection. While Valkey does not answer each process falls back to a bucket of its own under the same limit,
 * from which all that it was granted has been taken: less is sent then, or as much, as a lane is worked by one process at a time; never without a limit.
 *
 * @param options.prefix of every key in Valkey
 * @example const limits = createRateLimits({ redisUrl, prefix: 'firsthand', log }); await limits.take(lane, { perSecond: 10, burst: 20 }, 3);
 */
export function createRateLimits({ redisUrl, prefix, log }: { redisUrl: string; prefix: string; log: DoorbellLog }): SharedRateLimits {
  const client = new Redis(redisUrl, {
    enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout: COMMAND_TIMEOUT_MS, connectTimeout: 3_000, retryStrategy: (times) => Math.min(50 * 2 ** Math.min(times, 5), 1_000),
    scripts: { takeTokens: { lua: TAKE, numberOfKeys: 1 } },
  }) as TokenClient;
  client.on('error', () => undefined);
  // At its start a process waits for the first answer a moment, rather than spend a burst of its own.
  let opening: Promise<void> | null = new Promise((resolve) => {
    const timer = setTimeout(resolve, COMMAND_TIMEOUT_MS);
    client.once('ready', () => {
      clearTimeout(timer);
      resolve();
    });
  });
  const local = localRateLimits();
  let isAlone = false;

  const keyOf = ({ workspaceId, connectionId }: Lane): string => `${prefix}:tokens:${workspaceId}|${connectionId}`;
  const note = (isNowAlone: boolean): void => {
    if (isNowAlone !== isAlone) log.info({}, isNowAlone ? 'Rate limits are kept by this process alone' : 'Rate limits are shared again');
    isAlone = isNowAlone;
  };

  async function ask(lane: Lane, limit: RateLimit, wanted: number): Promise<{ granted: number; waitMs: number } | null> {
    try {
      if (opening !== null) await opening;
      opening = null;
      const [granted, waitMs] = await client.takeTokens(keyOf(lane), limit.perSecond, limit.burst, wanted);
      note(false);
      return { granted, waitMs };
    } catch {
      note(true);
      return null;
    }
  }

  return {
    async take(lane, limit, wanted) {
      const grant = await ask(lane, limit, wanted);
      if (grant === null) return local.take(lane, limit, wanted);
      local.spend(lane, limit, grant.granted);
      return grant;
    },
    async giveBack(lane, limit, tokens) {
      await Promise.all([ask(lane, limit, -tokens), local.giveBack(lane, limit, tokens)]);
    },
    close: () => client.disconnect(),
  };
}
