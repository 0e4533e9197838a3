import type { HttpClient, PluginLog } from '@firsthand/plugin-sdk';
import { groupBy } from '../group-by.js';
import type { DestinationConnection, WorkspaceConfiguration } from '../ports/configuration.js';
import type { DeliveryObserver } from '../ports/delivery-observer.js';
import type { RateLimits } from '../ports/rate-limits.js';
import type { DeliveryRow, LaneLease, MaskedExchange } from '../ports/rows.js';
import type { Store } from '../ports/store.js';
import { decidedWithin, isAllowedStill, MAX_DECISION_AGE_MS } from './ask-again.js';
import { observing, type Exchange } from './exchange.js';
import { paying, type LaneTokens } from './lane-tokens.js';
import { LANE_LEASE_MS } from './lane-lease.js';
import type { ClearedRow } from './lane-tick.js';
import type { LaneTraffic } from './lane-traffic.js';
import { maskExchange } from './mask-exchange.js';
import { rowAtLane } from './row-at-lane.js';
import { batchSizeOf, sendGroup } from './send-cleared.js';
import type { SentMembership, Settled } from './settled.js';
import type { Slots } from './slots.js';
import { vendorPauseMs } from './vendor-pause.js';

/** What a request goes through. */
export interface ChunkGates {
  lease: LaneLease;
  slots: Slots;
  traffic: LaneTraffic;
  tokens: LaneTokens;
}

export interface ChunkContext {
  store: Pick<Store, 'snapshot' | 'extendLane'>;
  /** As it is now. Throws when it is too old to be believed. */
  configuration(): WorkspaceConfiguration;
  clock(): number;
  http: HttpClient;
  limits: RateLimits;
  pluginLog(pluginId: string): PluginLog;
  observer?: DeliveryObserver | undefined;
}

/** Rows by the calls that will send them. */
export function chunksOf(rows: readonly DeliveryRow[], connection: DestinationConnection): DeliveryRow[][] {
  return [...groupBy(rows.map((row) => ({ row, own: rowAtLane(row, connection) })), ({ own }) => `${own.action}|${own.operation}`).values()].flatMap((alike) => {
    const destination = alike[0] && connection.destinations[alike[0].own.action];
    const size = alike[0] === undefined || destination === undefined ? alike.length : batchSizeOf(destination, alike[0].own.operation, connection);
    return Array.from({ length: Math.ceil(alike.length / size) }, (_, index) => alike.slice(index * size, (index + 1) * size).map(({ row }) => row));
  });
}

/**
 * Sends rows by one call of the plugin, once a slot is free. Rows that were decided too long ago, or that the breaker, a pause or the rate limit stops by then,
 * are not sent: no try is counted, and they are decided again.
 */
export async function sendChunk(rows: readonly ClearedRow[], connection: DestinationConnection, evaluatedAt: number, { lease, slots, traffic, tokens }: ChunkGates, context: ChunkContext): Promise<Settled[]> {
  const { clock } = context;
  await slots.take(connection.concurrency);
  const sentAt = clock();
  let last: Exchange | null = null;
  let results: Settled['result'][] = rows.map(() => ({ outcome: 'not-sent' }));
  if (sentAt - evaluatedAt <= MAX_DECISION_AGE_MS && tokens.use(connection.rateLimit) && traffic.begin(sentAt)) {
    results = await call(rows, connection, { lease, sentAt, evaluatedAt }, context, (exchange) => {
      // The one that tells why: the last that failed.
      if (last === null || !isFine(exchange) || isFine(last)) last = exchange;
      const pauseMs = exchange.response === null ? 0 : vendorPauseMs(exchange.response, clock());
      if (pauseMs > 0) traffic.pause(clock() + pauseMs);
      context.observer?.exchanged(connection, exchange);
    });
    traffic.note(results, clock());
  }
  const settledAt = clock();
  slots.give(settledAt);
  let masked: MaskedExchange | null = null;
  const maskedOnce = (): MaskedExchange | null => (masked ??= last === null ? null : maskExchange(last));
  return rows.map(({ row, blockId, cleared, origin }, index) => {
    const result = results[index] as Settled['result'];
    const exchange = result.outcome === 'dead' || result.outcome === 'retry' ? maskedOnce() : null;
    return { row, blockId, sentAt, settledAt, result, origin, membership: membershipOf(row, cleared), ...(cleared.sync === undefined ? {} : { sync: { profileId: cleared.sync.profileId } }), ...(exchange === null ? {} : { exchange }) };
  });
}

function membershipOf({ operation }: DeliveryRow, { memberships, evidence }: ClearedRow['cleared']): SentMembership | undefined {
  return memberships.length === 0 ? undefined : { profileIds: memberships.map(({ profileId }) => profileId), digest: operation === 'addMembers' ? evidence.payloadDigest : null };
}

const isFine = ({ response }: Exchange): boolean => response !== null && response.status < 300;

async function call(rows: readonly ClearedRow[], connection: DestinationConnection, { lease, sentAt, evaluatedAt }: { lease: LaneLease; sentAt: number; evaluatedAt: number }, context: ChunkContext, note: (exchange: Exchange) => void): Promise<Settled['result'][]> {
  const { store, clock, http, limits, pluginLog } = context;
  const [first] = rows as readonly [ClearedRow];
  // Whoever stood still for longer than their lease may have been taken for dead, and what they were at done by another.
  const again = async (): Promise<boolean> => {
    const stands = await isAllowedStill(rows, connection, context);
    await store.extendLane(lease, clock() + LANE_LEASE_MS);
    return stands;
  };
  const decided = decidedWithin(observing(http, clock, note), { evaluatedAt, clock, again });
  const client = connection.rateLimit === null ? decided : paying(decided, limits, connection, connection.rateLimit);
  const group = { destination: first.cleared.destination, operation: first.row.operation, rows: [...rows] };
  return sendGroup(group, { settings: connection.settings, http: client, log: pluginLog(connection.pluginId), now: sentAt });
}
