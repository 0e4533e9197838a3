import { isIPv6 } from 'node:net';
import { FirsthandError } from '@firsthand/domain';

export interface LoginLimiter {
  /**
   * Runs a try when those that came before it on the account, or from the address, are done: of many at once no more get through than one after another. One that ends with
   * `UNAUTHENTICATED` counts as a failure; any other error is none; a success forgets the failures of the pair.
   *
   * @throws FirsthandError `RATE_LIMITED` while the account or the address has failed too often, and what the work throws
   */
  guard<T>(account: string, address: string, work: () => Promise<T>): Promise<T>;
  /** Counts a call whatever becomes of it. @throws FirsthandError `RATE_LIMITED` after too many */
  count(account: string, address: string): void;
}

interface Failures {
  count: number;
  until: number;
}

/** Beyond this the oldest entries go: the memory is bounded, whoever knocks. */
const MAX_ENTRIES = 10_000;

/**
 * Slows guessing down: at most 5 failures per account and address, 20 per address and 50 per account in 15 minutes, counted in this process.
 * A success clears only the pair, so that one's own account is no way to go on guessing others. Of IPv6 the network of 64 bits counts: whoever has one address has all of it.
 *
 * @example await limiter.guard(email, ip, () => logIn(email, password))
 */
export function createLoginLimiter({ clock, windowMs = 15 * 60_000 }: { clock: () => number; windowMs?: number }): LoginLimiter {
  const failures = new Map<string, Failures>();
  const turns = new Map<string, Promise<unknown>>();

  function check(keys: Keys): void {
    const now = clock();
    for (const [key, most] of keys) {
      const entry = failures.get(key);
      if (entry === undefined || entry.until <= now || entry.count < most) continue;
      throw new FirsthandError('RATE_LIMITED', 'Too many failed tries.', [], { retryAfterSeconds: Math.ceil((entry.until - now) / 1_000) });
    }
  }

  function failed(keys: Keys): void {
    const now = clock();
    for (const [key] of keys) {
      const entry = failures.get(key);
      failures.delete(key);
      failures.set(key, entry === undefined || entry.until <= now ? { count: 1, until: now + windowMs } : { ...entry, count: entry.count + 1 });
    }
    for (const key of failures.keys()) {
      if (failures.size <= MAX_ENTRIES) break;
      failures.delete(key);
    }
  }

  async function attempt<T>(keys: Keys, work: () => Promise<T>): Promise<T> {
    check(keys);
    try {
      const result = await work();
      failures.delete(keys[0][0]);
      return result;
    } catch (error) {
      if (error instanceof FirsthandError && error.code === 'UNAUTHENTICATED') failed(keys);
      throw error;
    }
  }

  return {
    guard(account, address, work) {
      const keys = keysOf(account, address);
      const before = keys.map(([key]) => turns.get(key));
      const turn = Promise.all(before).then(() => attempt(keys, work));
      const ended: Promise<unknown> = turn.then(() => undefined, () => undefined).then(() => {
        for (const [key] of keys) if (turns.get(key) === ended) turns.delete(key);
      });
      for (const [key] of keys) turns.set(key, ended);
      return turn;
    },
    count(account, address) {
      const keys = keysOf(account, address);
      check(keys);
      failed(keys);
    },
  };
}

/** What is counted, and how often it may fail; the pair first. */
type Keys = readonly [[key: string, most: number], ...[key: string, most: number][]];

function keysOf(account: string, address: string): Keys {
  const network = networkOf(address);
  return [[JSON.stringify([account, network]), 5], [JSON.stringify([null, network]), 20], [JSON.stringify([account]), 50]];
}

/** The first 64 bits of an IPv6 address (RFC 4291, section 2.5.4); others, and those that hold an IPv4 address, whole. */
function networkOf(address: string): string {
  if (!isIPv6(address) || address.includes('.')) return address;
  const [head = [], tail] = address.split('::').map((half) => half.split(':').filter((group) => group !== ''));
  const groups = tail === undefined ? head : [...head, ...Array<string>(8 - head.length - tail.length).fill('0'), ...tail];
  return groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16)).join(':');
}
