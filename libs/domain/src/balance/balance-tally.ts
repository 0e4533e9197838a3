const SENDS = /^(?:deliveries$|deliveries\.|delivered$|blocked\.|dead\.|cancelled\.)/;

/** What became of all that one connection took in or was to send: as a whole, or in one minute. */
export interface BalanceLine {
  connectionId: string;
  /** ISO; null for the whole. */
  minute: string | null;
  /** Where they went: what is 0 is left out. */
  parts: Record<string, number>;
  /** The total without its parts: 0, or something was lost, or counted twice. */
  difference: number;
}

/** All lines, sources and destinations apart. */
export interface BalanceLines {
  sources: (BalanceLine & { received: number })[];
  destinations: (BalanceLine & { deliveries: number })[];
}

interface Side {
  total: number;
  parts: Record<string, number>;
}

/**
 * Sums counts per connection, and per minute where asked, and compares each total with its parts.
 *
 * @example const tally = new BalanceTally(true); tally.add('shop', minute, 'received', 10); tally.lines().sources[0]?.difference
 */
export class BalanceTally {
  private readonly sources = new Map<string, Side>();
  private readonly destinations = new Map<string, Side>();

  constructor(readonly isPerMinute: boolean) {}

  /** `received` and `deliveries` are totals; every other key is a part, what waits being `received.pending` and `deliveries.pending`. */
  add(connectionId: string, minute: number, key: string, count: number): void {
    // How records differ from their plans is counted beside, and says nothing of where they went.
    if (key.startsWith('plan.')) return;
    const sides = SENDS.test(key) ? this.destinations : this.sources;
    const at = JSON.stringify([connectionId, this.isPerMinute ? minute : null]);
    const side = sides.get(at) ?? { total: 0, parts: {} };
    sides.set(at, side);
    if (key === 'received' || key === 'deliveries') {
      side.total += count;
      return;
    }
    const part = key.endsWith('.pending') ? 'pending' : key;
    side.parts[part] = (side.parts[part] ?? 0) + count;
  }

  lines(): BalanceLines {
    return {
      sources: toLines(this.sources).map(({ total, ...line }) => ({ ...line, received: total })),
      destinations: toLines(this.destinations).map(({ total, ...line }) => ({ ...line, deliveries: total })),
    };
  }
}

function toLines(sides: ReadonlyMap<string, Side>) {
  return [...sides].map(([at, { total, parts }]) => {
    const [connectionId, minute] = JSON.parse(at) as [string, number | null];
    const kept = Object.fromEntries(Object.entries(parts).filter(([, count]) => count !== 0));
    const sum = Object.values(parts).reduce((one, other) => one + other, 0);
    return { connectionId, minute: minute === null ? null : new Date(minute).toISOString(), total, parts: kept, difference: total - sum };
  }).sort((one, other) => (`${one.connectionId} ${one.minute}` < `${other.connectionId} ${other.minute}` ? -1 : 1));
}
