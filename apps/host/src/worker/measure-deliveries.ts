import { queueAgeMs, storeKey, type Collections } from '@firsthand/persistence';
import { breakerStateOf, type DeliveryObserver, type Lane } from '@firsthand/pipeline';
import type { Metrics } from '@firsthand/platform';

/** A series per label is for ever: past so many, or for what looks like no name, it is `other`. */
const MAX_CONNECTIONS = 1_000;
const MAX_REASONS = 60;
/** Each is a histogram of 17 series. */
const MAX_PAIRS = 200;
const OTHER = 'other';
const BREAKER = { closed: 0, 'half-open': 1, open: 2 } as const;

/** Counts and times what the lanes of this process send. Of a reason only its name is a label: what follows a colon has no bound. */
export function countDeliveries({ deliveries, deliveryRequestDuration, freshness }: Pick<Metrics, 'deliveries' | 'deliveryRequestDuration' | 'freshness'>): Required<DeliveryObserver> {
  const connections = boundedPlaces<[string, string]>(MAX_CONNECTIONS);
  const pairs = boundedPlaces<[string, string, string]>(MAX_PAIRS);
  const reasons = boundedNames(MAX_REASONS, /^[a-z][a-z-]{0,60}$/);
  return {
    exchanged: ({ workspaceId, connectionId }, { durationMs }) => deliveryRequestDuration.labels(...connections(workspaceId, connectionId)).observe(durationMs / 1_000),
    arrived: ({ workspaceId, connectionId }, source, ms) => freshness.labels(...pairs(workspaceId, source, connectionId)).observe(Math.max(0, ms) / 1_000),
    settled: ({ workspaceId, connectionId }, outcome, reason) => deliveries.labels(...connections(workspaceId, connectionId), outcome, reason === null ? '' : reasons(reason.split(':', 1)[0] ?? '')).inc(),
  };
}

function boundedNames(limit: number, shape: RegExp): (name: string) => string {
  const known = new Set<string>();
  return (name) => {
    if (!known.has(name) && (known.size >= limit || !shape.test(name))) return OTHER;
    known.add(name);
    return name;
  };
}

/** So many connections by their names, and all further ones as one. */
function boundedPlaces<T extends string[]>(limit: number): (...place: T) => T {
  const known = boundedNames(limit, /^.{1,400}$/);
  return (...place) => (known(place.join(' ')) === OTHER ? place.map(() => OTHER) as T : place);
}

/** Reads how long each destination's longest due delivery has waited, and the state of its breaker: two look-ups in indexes and one by id for each. */
export async function measureQueues({ deliveries, lanes }: Pick<Collections, 'deliveries' | 'lanes'>, connections: readonly Lane[], now: number, { deliveryQueueAge, deliveryBreaker }: Pick<Metrics, 'deliveryQueueAge' | 'deliveryBreaker'>): Promise<void> {
  const measured = await Promise.all(connections.slice(0, MAX_CONNECTIONS).map(async ({ workspaceId, connectionId }) => {
    const [ageMs, lane] = await Promise.all([
      queueAgeMs({ deliveries }, { workspaceId, connectionId }, now), lanes.findOne({ _id: storeKey(workspaceId, connectionId) }, { projection: { health: 1 } }),
    ]);
    return { workspaceId, connectionId, ageSeconds: ageMs / 1_000, breaker: BREAKER[breakerStateOf(lane?.health?.breaker ?? null, now)] };
  }));
  // Who is gone is not shown.
  deliveryQueueAge.reset();
  deliveryBreaker.reset();
  for (const { workspaceId, connectionId, ageSeconds, breaker } of measured) {
    deliveryQueueAge.labels(workspaceId, connectionId).set(ageSeconds);
    deliveryBreaker.labels(workspaceId, connectionId).set(breaker);
  }
}
