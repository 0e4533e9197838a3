import { Pool } from 'undici';
import { publicLookup, type LookupAll } from './public-lookup.js';

const MAX_ORIGINS = 256;
const CONNECT_TIMEOUT_MS = 10_000;
/** The longest a request may take as a whole; the client's own timer is as long or shorter. */
const ANSWER_TIMEOUT_MS = 30_000;

/** Connection pools by origin, the least recently used closed when there are too many. */
export class PoolPerOrigin {
  private readonly pools = new Map<string, Pool>();

  constructor(private readonly options: { allowPrivateAddresses: boolean; lookup: LookupAll | undefined }) {}

  /** The pool of an origin (`https://api.example.com`), made on first use. */
  of(origin: string): Pool {
    const pool = this.pools.get(origin) ?? this.open(origin);
    this.pools.delete(origin);
    this.pools.set(origin, pool);
    const [oldest] = this.pools;
    if (this.pools.size > MAX_ORIGINS && oldest !== undefined) {
      this.pools.delete(oldest[0]);
      // Requests under way end first; nobody waits for this.
      oldest[1].close().catch(() => undefined);
    }
    return pool;
  }

  async close(): Promise<void> {
    const pools = [...this.pools.values()];
    this.pools.clear();
    await Promise.all(pools.map((pool) => pool.close()));
  }

  private open(origin: string): Pool {
    const { allowPrivateAddresses, lookup } = this.options;
    const connect = { timeout: CONNECT_TIMEOUT_MS, ...(allowPrivateAddresses ? {} : { lookup: publicLookup(lookup) }) };
    // As many sockets as the lanes ask for, each within its own concurrency: a request that is decided must not queue for one.
    return new Pool(origin, { connections: null, headersTimeout: ANSWER_TIMEOUT_MS, bodyTimeout: ANSWER_TIMEOUT_MS, connect });
  }
}
