import { createHmac, hkdfSync } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { FirsthandError } from '@firsthand/domain';
import type { CountedTry, LoginTryStore } from '@firsthand/pipeline';

export interface LoginLimiter {
  /**
   * Runs a try when those that came before it on the account, or from the address, are done. It is counted before it runs: of many at once, in however many processes, no more get through than one after another. One that ends with
   * `UNAUTHENTICATED` stays counted; any other error is none; a success forgets what was counted of the pair until then.
   *
   * @throws FirsthandError `RATE_LIMITED` while the account or the address has failed too often, `UNAVAILABLE` where nothing can be counted, and what the work throws
   */
  guard<T>(account: string, address: string, work: () => Promise<T>): Promise<T>;
  /** Counts a call whatever becomes of it. @throws FirsthandError `RATE_LIMITED` after too many, `UNAVAILABLE` */
  count(account: string, address: string): Promise<void>;
}

export interface LoginLimiterOptions {
  /** Of what is tried: limiters of one name count together, in every process. */
  name: string;
  /** Keys the hashes under which is counted; the same in every process. */
  secret: string;
  tries: LoginTryStore;
  clock: () => number;
  windowMs?: number;
}

/**
 * Slows guessing down: at most 5 failures per account and address, 20 per address and 50 per account in 15 minutes, in all processes together.
 * A success clears only the pair, so that one's own account is no way to go on guessing others. Of IPv6 the network of 64 bits counts: whoever has one address has all of it.
 *
 * @example await limiter.guard(email, ip, () => logIn(email, password))
 */
export function createLoginLimiter({ name, secret, tries, clock, windowMs = 15 * 60_000 }: LoginLimiterOptions): LoginLimiter {
  const hashKey = Buffer.from(hkdfSync('sha256', secret, '', 'firsthand login tries', 32));
  const keyOf = (...parts: (string | null)[]): string => createHmac('sha256', hashKey).update(JSON.stringify([name, ...parts])).digest('hex');
  /** What is under way in this process: without it people who sign in at one moment from one office would count as failures of each other. */
  const turns = new Map<string, Promise<unknown>>();

  function limitsOf(account: string, address: string): Limits {
    const network = networkOf(address);
    return [{ key: keyOf(account, network), most: 5 }, { key: keyOf(null, network), most: 20 }, { key: keyOf(account), most: 50 }];
  }

  async function countAll(limits: Limits): Promise<CountedTry[]> {
    const counted: CountedTry[] = [];
    try {
      for (const limit of limits) {
        const now = clock();
        const { isCounted, ...one } = await tries.countTry({ ...limit, now, until: now + windowMs });
        if (!isCounted) throw new FirsthandError('RATE_LIMITED', 'Too many failed tries.', [], { retryAfterSeconds: Math.ceil((one.until - now) / 1_000) });
        counted.push(one);
      }
      return counted;
    } catch (error) {
      await takeBack(counted.map(only));
      throw error;
    }
  }

  /** What cannot be taken back stays counted: what the try came to stands. */
  const takeBack = (counted: readonly CountedTry[]): Promise<unknown> => Promise.allSettled(counted.map((one) => tries.takeBackTries(one)));

  async function attempt<T>(limits: Limits, work: () => Promise<T>): Promise<T> {
    const counted = await countAll(limits);
    try {
      const result = await work();
      // Of the pair all that were counted before this one go with it.
      await takeBack(counted.map((one, at) => (at === 0 ? one : only(one))));
      return result;
    } catch (error) {
      if (!(error instanceof FirsthandError && error.code === 'UNAUTHENTICATED')) await takeBack(counted.map(only));
      throw error;
    }
  }

  return {
    guard(account, address, work) {
      const limits = limitsOf(account, address);
      const before = limits.map(({ key }) => turns.get(key));
      const turn = Promise.all(before).then(() => attempt(limits, work));
      const ended: Promise<unknown> = turn.then(() => undefined, () => undefined).then(() => {
        for (const { key } of limits) if (turns.get(key) === ended) turns.delete(key);
      });
      for (const { key } of limits) turns.set(key, ended);
      return turn;
    },
    async count(account, address) {
      await countAll(limitsOf(account, address));
    },
  };
}

/** What is counted, and how often it may fail; the pair first. */
type Limits = readonly { key: string; most: number }[];

/** The one try of a count. */
const only = (one: CountedTry): CountedTry => ({ ...one, count: 1 });

/** The first 64 bits of an IPv6 address (RFC 4291, section 2.5.4); others, and those that hold an IPv4 address, whole. */
function networkOf(address: string): string {
  if (!isIPv6(address) || address.includes('.')) return address;
  const [head = [], tail] = address.split('::').map((half) => half.split(':').filter((group) => group !== ''));
  const groups = tail === undefined ? head : [...head, ...Array<string>(8 - head.length - tail.length).fill('0'), ...tail];
  return groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16)).join(':');
}
