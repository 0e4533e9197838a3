import type { JsonValue } from '@firsthand/domain';
import { LANE_LEASE_MS } from '../deliver/lane-lease.js';
import { underLease } from '../deliver/under-lease.js';
import type { Clock, ConfigurationSource, DestinationConnection } from '../ports/configuration.js';
import type { LaneLease } from '../ports/rows.js';
import type { LaneStore } from '../ports/store.js';
import type { ChangeCause } from './change-cause.js';
import type { ChangeLog } from './change-log.js';
import type { ChangeFeed, ChangeKeeping, PersonChange } from './person-change.js';

/** Well under a lease: who takes a feed over must not find its former holder at it. */
export const FEED_TIMEOUT_MS = 5_000;
/** Transactions that one message may tell of. */
const MAX_BLOCKS = 5;
/** How long one feed goes on until all have their turn again. */
const TURN_MS = 2_000;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 5 * 60_000;
/** Where a feed stands that has missed something. */
const NOWHERE = -1;

/** A change as it leaves: who changed, what of them and from where, by names alone. */
export interface ChangeNotice {
  number: number;
  at: number;
  profileId: string;
  version: number;
  kind: PersonChange['kind'];
  /** Names of fields or of namespaces; a purpose or a segment; what became of an identity. */
  names: string[];
  /** All that brought it about; empty where that is not known. */
  from: ChangeCause[];
  /** Of a profile: the connections that brought what its fields have now. */
  sources?: string[];
}

/** One message: changes, or that some are kept no longer. It is known by the number that comes last in it. */
export type FeedMessage = { type: 'changes'; since: number; last: number; changes: ChangeNotice[] } | { type: 'gap'; since: number; last: number };

/** How far a feed has come; JSON, kept with its lease. */
export interface FeedPlace {
  since: number;
  after: number;
  /** Tries of the next message so far, and since when it fails, epoch ms. */
  attempt: number;
  failingSince: number | null;
}

export interface ChangeFeedOptions {
  store: Pick<LaneStore, 'acquireLane' | 'releaseLane' | 'extendLane' | 'readCursor' | 'writeCursor'>;
  changes: ChangeLog;
  configuration: ConfigurationSource;
  clock: Clock;
  /** Unique to this process. */
  holder: string;
  /** Rejects when it was not taken. It may be told the same again, after a crash. */
  send(connection: DestinationConnection, message: FeedMessage): Promise<void>;
}

/** Under which the lease and place of a feed lie, beside the lanes of connections; no connection can have this id. */
export function feedLane(connectionId: string): string {
  return `@changes:${connectionId}`;
}

/**
 * Tells webhooks of changes: each message after the one before was taken, so all of a person's are in order, and at least once. No value is told: this is no disclosure of what a person said or is, so no
 * purpose and no consent is asked for it, and whoever wants values asks for them under a role, or by a flow under a purpose. It goes to the brand and who works on its behalf, never to third parties.
 *
 * @example repeat(() => feeds.tick(configuration.workspaceIds()), { name: 'change-feeds', everyMs: 500, logger, onFailure })
 */
export function createChangeFeeds({ store, changes, configuration, clock, holder, send }: ChangeFeedOptions): { tick(workspaceIds: readonly string[]): Promise<void> } {
  async function work(workspaceId: string, keeping: ChangeKeeping, feed: ChangeFeed): Promise<void> {
    const connection = configuration.workspace(workspaceId).destinations.get(feed.connectionId);
    if (connection === undefined || connection.status !== 'enabled' || connection.recipient === 'third-party') return;
    await underLease(store, { workspaceId, connectionId: feedLane(feed.connectionId) }, { holder, now: clock() }, async (lease) => {
      const known = await store.readCursor(lease);
      if (known !== null && known.nextAt > clock()) return;
      let place = await placeOf(lease, keeping, known?.cursor as FeedPlace | undefined);
      for (const until = clock() + TURN_MS; clock() < until;) {
        const next = await tellNext(lease, connection, { feed, startsAfter: keeping.startsAfter }, place);
        if (next === null) return;
        place = next;
        await store.extendLane(lease, clock() + LANE_LEASE_MS);
      }
    });
  }

  /** A feed begins with what comes; one of before changes were switched off and on again has missed something. */
  async function placeOf(lease: LaneLease, { since, startsAfter }: ChangeKeeping, known: FeedPlace | undefined): Promise<FeedPlace> {
    if (known?.since === since) return known;
    const after = known === undefined ? Math.max(startsAfter, await changes.last(lease.workspaceId)) : NOWHERE;
    const place: FeedPlace = { since, after, attempt: 0, failingSince: null };
    await store.writeCursor(lease, { cursor: place as unknown as JsonValue, nextAt: clock() });
    return place;
  }

  /** Gives the place after the message; null where there is nothing to tell, or it was not taken. */
  async function tellNext(lease: LaneLease, connection: DestinationConnection, { feed, startsAfter }: { feed: ChangeFeed; startsAfter: number }, place: FeedPlace): Promise<FeedPlace | null> {
    const message = await nextMessage(lease.workspaceId, startsAfter, feed, place);
    if (message === null) return null;
    const isEmpty = message.type === 'changes' && message.changes.length === 0;
    const isTaken = isEmpty || await send(connection, message).then(() => true, () => false);
    const now = clock();
    const next: FeedPlace = isTaken ? { since: place.since, after: message.last, attempt: 0, failingSince: null } : { ...place, attempt: place.attempt + 1, failingSince: place.failingSince ?? now };
    const waitMs = isTaken ? 0 : Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(place.attempt, 16));
    await store.writeCursor(lease, { cursor: next as unknown as JsonValue, nextAt: now + waitMs });
    return isTaken ? next : null;
  }

  async function nextMessage(workspaceId: string, startsAfter: number, { kinds }: ChangeFeed, { since, after }: FeedPlace): Promise<FeedMessage | null> {
    const last = await changes.last(workspaceId);
    if (after === last) return null;
    const blocks = after < 0 || after > last ? [] : await changes.read(workspaceId, after, MAX_BLOCKS);
    const end = blocks.at(-1);
    if (end === undefined) return { type: 'gap', since, last: Math.max(startsAfter, await changes.oldest(workspaceId, Math.max(0, after))) };
    const told = blocks.flatMap(({ last: number, at, changes: all }) => all.flatMap((change, index): ChangeNotice[] => {
      const own = number - all.length + index + 1;
      return change === null || own <= after || (kinds !== null && !kinds.includes(change.kind)) ? [] : [noticeOf(change, own, at)];
    }));
    return { type: 'changes', since, last: end.last, changes: told };
  }

  return {
    async tick(workspaceIds) {
      await Promise.all(workspaceIds.flatMap((workspaceId) => {
        const keeping = configuration.workspace(workspaceId).changes;
        return keeping === undefined ? [] : keeping.feeds.map((feed) => work(workspaceId, keeping, feed));
      }));
    },
  };
}

function noticeOf(change: PersonChange, number: number, at: number): ChangeNotice {
  const { profileId, version, from = [], kind } = change;
  return { number, at, profileId, version, kind, names: namesOf(change), from, ...(change.kind === 'profile' ? { sources: [...new Set(change.fields.flatMap(({ source }) => source ?? []))] } : {}) };
}

function namesOf(change: PersonChange): string[] {
  switch (change.kind) {
    case 'profile': return change.fields.map(({ name }) => name);
    case 'consent': return [change.purpose];
    case 'membership': return [change.segmentId];
    case 'identity': return 'namespaces' in change ? [change.act, ...change.namespaces] : 'other' in change ? [change.act, change.other] : [change.act];
  }
}
