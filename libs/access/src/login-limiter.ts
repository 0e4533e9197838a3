import { FirsthandError } from '@firsthand/domain';

export interface LoginLimiter {
  /** Throws FirsthandError RATE_LIMITED while the account or the address has failed too often. */
  check(account: string, address: string): void;
  failed(account: string, address: string): void;
  succeeded(account: string, address: string): void;
}

interface Failures {
  count: number;
  until: number;
}

/** Beyond this the oldest entries go: the memory is bounded, whoever knocks. */
const MAX_ENTRIES = 10_000;

/**
 * Slows guessing down: at most 5 failures per account and address, 20 per address and 50 per account in 15 minutes, counted in this process.
 * A success clears only the pair, so that one's own account is no way to go on guessing others.
 *
 * @example limiter.check(email, ip)
 */
export function createLoginLimiter({ clock, windowMs = 15 * 60_000 }: { clock: () => number; windowMs?: number }): LoginLimiter {
  const failures = new Map<string, Failures>();
  const keysOf = (account: string, address: string): [key: string, most: number][] => [
    [JSON.stringify([account, address]), 5], [JSON.stringify([null, address]), 20], [JSON.stringify([account]), 50],
  ];
  return {
    check(account, address) {
      const now = clock();
      for (const [key, most] of keysOf(account, address)) {
        const entry = failures.get(key);
        if (entry === undefined || entry.until <= now || entry.count < most) continue;
        throw new FirsthandError('RATE_LIMITED', 'Too many failed logins.', [], { retryAfterSeconds: Math.ceil((entry.until - now) / 1_000) });
      }
    },
    failed(account, address) {
      const now = clock();
      for (const [key] of keysOf(account, address)) {
        const entry = failures.get(key);
        failures.delete(key);
        failures.set(key, entry === undefined || entry.until <= now ? { count: 1, until: now + windowMs } : { ...entry, count: entry.count + 1 });
      }
      for (const key of failures.keys()) {
        if (failures.size <= MAX_ENTRIES) break;
        failures.delete(key);
      }
    },
    succeeded(account, address) {
      failures.delete(JSON.stringify([account, address]));
    },
  };
}
