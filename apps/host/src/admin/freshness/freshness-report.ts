import { FirsthandError, mergeLatencies, quantileOf, type LatencyHistogram } from '@firsthand/domain';
import { createFreshnessStore } from '@firsthand/persistence';
import { groupBy } from '@firsthand/pipeline';
import type { AdminContext } from '../admin-context.js';
import { DEFAULT_HOURS, MOST_DAYS, type Freshness, type FreshnessFigures, type FreshnessQueryBody } from './freshness-bodies.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SPAN_MS = { minute: 60_000, hour: HOUR_MS, day: DAY_MS } as const;

/**
 * How soon destinations have what sources say: per pair of connections, over the whole time and by the minute, hour or day.
 *
 * @throws FirsthandError `INVALID_REQUEST` for a span of time that is none
 * @example (await freshnessReport(admin, 'main', { every: 'hour' })).pairs.map(({ destination, p99Ms }) => [destination, p99Ms])
 */
export async function freshnessReport(admin: Pick<AdminContext, 'connection' | 'configuration' | 'clock'>, workspaceId: string, query: FreshnessQueryBody): Promise<Freshness> {
  const { every, source, destination } = query;
  const { from, to } = rangeOf(query, admin.clock());
  const sums = await createFreshnessStore(admin.connection).read(workspaceId, { every, from, to, source, destination });
  const { sources, destinations } = admin.configuration.workspace(workspaceId);
  const pairs = [...groupBy(sums, (sum) => JSON.stringify([sum.source, sum.destination])).values()].flatMap((own) => {
    const [first] = own;
    if (first === undefined) return [];
    return [{
      source: first.source, sourceName: sources.get(first.source)?.name ?? first.source, destination: first.destination, destinationName: destinations.get(first.destination)?.name ?? first.destination,
      ...figuresOf(own.map(({ latency }) => latency)), points: own.sort((one, other) => one.at - other.at).map(({ at, latency }) => ({ at: iso(at), ...figuresOf([latency]) })),
    }];
  });
  const bySlowness = pairs.sort((one, other) => (other.p99Ms ?? 0) - (one.p99Ms ?? 0) || `${one.source} ${one.destination}`.localeCompare(`${other.source} ${other.destination}`, 'en'));
  return { workspaceId, every, from: iso(from), to: iso(to), all: figuresOf(sums.map(({ latency }) => latency)), pairs: bySlowness };
}

function figuresOf(latencies: readonly LatencyHistogram[]): FreshnessFigures {
  const sum = mergeLatencies(latencies);
  const within = (share: number): number | null => {
    const ms = quantileOf(sum, share);
    return ms === null ? null : Math.round(ms);
  };
  return { count: sum.count, p50Ms: within(0.5), p95Ms: within(0.95), p99Ms: within(0.99), maxMs: sum.count === 0 ? null : sum.maxMs, negative: sum.negative };
}

/** Whole spans: the one that `from` lies in, up to the one that `to` lies in. */
function rangeOf({ from, to, every }: FreshnessQueryBody, now: number): { from: number; to: number } {
  const span = SPAN_MS[every];
  const end = to === undefined ? now : Date.parse(to);
  const begin = from === undefined ? end - DEFAULT_HOURS[every] * HOUR_MS : Date.parse(from);
  const isLong = end - begin > MOST_DAYS[every] * DAY_MS;
  if (begin > end || isLong) throw new FirsthandError('INVALID_REQUEST', 'The span of time is none.', [{ path: '/from', message: isLong ? `is more than ${MOST_DAYS[every]} days before \`to\`` : 'is after `to`' }]);
  return { from: begin - (begin % span), to: Math.ceil(end / span) * span };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
