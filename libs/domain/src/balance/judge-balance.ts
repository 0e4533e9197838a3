import type { BalanceLine, BalanceLines } from './balance-tally.js';

/** What a line is of: records of a source, or deliveries of a destination. */
export type BalanceSide = 'records' | 'deliveries';

/** A minute of a connection that does not close. */
export interface BalanceGap {
  connectionId: string;
  of: BalanceSide;
  /** ISO. */
  minute: string;
  total: number;
  parts: Record<string, number>;
  /** So many more than their parts: above 0 some are nowhere, below 0 some are in two places. */
  missing: number;
}

/** One connection over all minutes. */
export interface BalanceSum {
  connectionId: string;
  of: BalanceSide;
  total: number;
  parts: Record<string, number>;
  /** How many of its minutes do not close. */
  openMinutes: number;
  /** Of all of them, whichever way. */
  difference: number;
}

/** Whether the books of a span of time close to zero. */
export interface BalanceVerdict {
  /** Minutes of connections that were looked at. */
  minutes: number;
  openMinutes: number;
  /** 0 where everything closes. */
  difference: number;
  connections: BalanceSum[];
  /** The first of those that do not close. */
  gaps: BalanceGap[];
}

/** More than anybody reads; the sums say how many there are. */
const MOST_GAPS = 500;

/**
 * Looks at each minute by itself: what is lost in one does not make up for what is counted twice in another.
 *
 * @example judgeBalance(tally.lines()).gaps.map(({ connectionId, minute, missing }) => [connectionId, minute, missing])
 */
export function judgeBalance({ sources, destinations }: BalanceLines): BalanceVerdict {
  const lines = [
    ...sources.map(({ received, ...line }) => ({ of: 'records' as const, total: received, line })), ...destinations.map(({ deliveries, ...line }) => ({ of: 'deliveries' as const, total: deliveries, line })),
  ];
  const sums = new Map<string, BalanceSum>();
  for (const { of, total, line } of lines) {
    const key = `${of} ${line.connectionId}`;
    const sum = sums.get(key) ?? { connectionId: line.connectionId, of, total: 0, parts: {}, openMinutes: 0, difference: 0 };
    sums.set(key, sum);
    sum.total += total;
    sum.difference += Math.abs(line.difference);
    if (line.difference !== 0) sum.openMinutes += 1;
    for (const [part, count] of Object.entries(line.parts)) sum.parts[part] = (sum.parts[part] ?? 0) + count;
  }
  const connections = [...sums.values()];
  const open = lines.filter(({ line }) => line.difference !== 0);
  return {
    minutes: lines.length, openMinutes: open.length, difference: connections.reduce((all, { difference }) => all + difference, 0), connections,
    gaps: open.slice(0, MOST_GAPS).map(({ of, total, line }) => gapOf(of, total, line)),
  };
}

function gapOf(of: BalanceSide, total: number, { connectionId, minute, parts, difference }: BalanceLine): BalanceGap {
  return { connectionId, of, minute: minute ?? '', total, parts, missing: difference };
}
