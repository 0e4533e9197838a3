import type { HttpClient, PluginLog } from '@firsthand/plugin-sdk';
import type { Clock, ConfigurationSource, DeliveryObserver, Lane, LaneLease, PipelineLog, RateLimits, Store } from '../ports/index.js';
import { FenceLost } from '../ports/store.js';
import { LANE_LEASE_MS } from './lane-lease.js';
import { LaneRun } from './lane-run.js';
import { isSameHealth, LaneTraffic, type DisableReason } from './lane-traffic.js';
import { localRateLimits } from './local-rate-limits.js';
import { Slots } from './slots.js';
import { createLaneVisit, type LaneReservation, type LaneVisit } from './lane-visit.js';

export interface DeliverOptions {
  store: Store;
  configuration: ConfigurationSource;
  clock: Clock;
  http: HttpClient;
  pluginLog(pluginId: string): PluginLog;
  log: PipelineLog;
  /** Unique to this process. */
  holder: string;
  random?: () => number;
  /** Of the connections' rate limits; of this process alone when left out. */
  limits?: RateLimits;
  observer?: DeliveryObserver | undefined;
  /** Takes a connection out of service, for everybody. Left out, one that is hopeless is only left alone until it is rung. */
  disable?: ((lane: Lane, reason: DisableReason) => Promise<void>) | undefined;
}

export interface Deliver {
  /** Sends what is due on a lane, unless another process holds it. A call while it runs here makes it look once more. */
  drainLane(lane: Lane): Promise<void>;
  /**
   * Enters the lanes of a workspace that are run here, for a transaction that may decide for them and others. Its `end` must be called.
   *
   * @param rows how many deliveries the transaction may make for a lane
   */
  visit(workspaceId: string, rows: number): Promise<LaneVisit>;
  /** Forgets what is known of a destination: somebody has looked after it. */
  forget(lane: Lane): void;
  /** Lets the sends under way finish, writes them down, and gives the leases back. */
  stop(): Promise<void>;
}

/** Leases are looked at this often, and prolonged this long after they were taken or prolonged last. Rounds prolong them too, and would have to begin again after a beat that comes in between. */
const LOOK_MS = 1_000;
const HEARTBEAT_MS = 5_000;

/** A lane that this process is at. */
interface Post {
  lane: Lane;
  run: LaneRun | null;
  /** It was rung when nothing could look. */
  again: boolean;
  done: Promise<void>;
}

/**
 * Step 3 of an event's path. One process at a time works a lane, under a lease with a fencing number that every write checks.
 *
 * @example const deliver = createDeliver(options); await deliver.drainLane({ workspaceId, connectionId });
 */
export function createDeliver(options: DeliverOptions): Deliver {
  const { store, clock, holder, log, random = Math.random, limits = localRateLimits(), disable = () => Promise.resolve() } = options;
  const stopping = new AbortController();
  const posts = new Map<string, Post>();
  const speeds = new Map<string, Slots>();
  const traffics = new Map<string, LaneTraffic>();
  const keyOf = ({ workspaceId, connectionId }: Lane): string => `${workspaceId}|${connectionId}`;

  function slotsOf(lane: Lane): Slots {
    let slots = speeds.get(keyOf(lane));
    if (slots === undefined) speeds.set(keyOf(lane), (slots = new Slots()));
    return slots;
  }

  function trafficOf(lane: Lane): LaneTraffic {
    let traffic = traffics.get(keyOf(lane));
    if (traffic === undefined) traffics.set(keyOf(lane), (traffic = new LaneTraffic()));
    return traffic;
  }

  /** Whether there is work at a lane that may not send. */
  function replaces({ workspaceId, connectionId }: Lane): boolean {
    const connection = options.configuration.workspace(workspaceId).destinations.get(connectionId);
    return connection?.headOfLine === 'replace' && connection.status === 'enabled';
  }

  function newRun(lease: LaneLease, isCaughtUp: boolean): LaneRun {
    const traffic = trafficOf(lease);
    if (!isSameHealth(lease.health, traffic.stored)) traffic.adopt(lease.health);
    const context = { ...options, random, limits, disable, configuration: () => options.configuration.workspace(lease.workspaceId), signal: stopping.signal };
    return new LaneRun(lease, context, slotsOf(lease), traffic, isCaughtUp);
  }

  async function hold(post: Post, run: LaneRun): Promise<void> {
    post.run = run;
    const heartbeat = setInterval(() => {
      const now = clock();
      if (Math.abs(now - run.leasedAt) < HEARTBEAT_MS) return;
      store.extendLane(run.lease, now + LANE_LEASE_MS).then(() => { run.leasedAt = Math.max(run.leasedAt, now); }, () => undefined);
    }, LOOK_MS);
    try {
      await run.run();
    } catch (error) {
      // The rows are still pending in the store: whoever takes the lane next goes on.
      if (!(error instanceof FenceLost)) log.warn({ connectionId: post.lane.connectionId, error: error instanceof Error ? error.name : 'unknown' }, 'a lane stopped and will be taken up again');
    } finally {
      clearInterval(heartbeat);
      post.run = null;
      await store.releaseLane(run.lease).catch(() => undefined);
    }
  }

  /** Works the lane until nothing is due. A ring that came while the lease was being given back found the lane held: it looks once more. */
  async function stay(post: Post, begun?: LaneRun): Promise<void> {
    if (begun !== undefined) await hold(post, begun);
    else post.again = true;
    while (post.again && !stopping.signal.aborted) {
      post.again = false;
      const lease = await store.acquireLane(post.lane, holder, clock() + LANE_LEASE_MS, clock());
      if (lease !== null) await hold(post, newRun(lease, false));
    }
  }

  /** Takes up a post until `work` has ended. */
  function takeUp(lane: Lane, work: (post: Post) => Promise<void>): Post {
    const post: Post = { lane, run: null, again: false, done: Promise.resolve() };
    posts.set(keyOf(lane), post);
    post.done = work(post).finally(() => posts.delete(keyOf(lane)));
    return post;
  }

  function reserve(lane: Lane): LaneReservation | null {
    if (posts.has(keyOf(lane)) || stopping.signal.aborted) return null;
    let decide: (run: LaneRun | null) => void = () => undefined;
    const decision = new Promise<LaneRun | null>((resolve) => { decide = resolve; });
    const post = takeUp(lane, async (own) => {
      const run = await decision;
      if (run !== null) await stay(own, run);
      else if (own.again) await stay(own);
    });
    // Nobody may wait for it: what fails is tried again by whoever rings next.
    post.done.catch(() => undefined);
    return {
      take: (tx) => tx.takeLane(lane, holder, clock() + LANE_LEASE_MS, clock()),
      start(lease) {
        const run = newRun(lease, true);
        post.run = run;
        decide(run);
        return run;
      },
      cancel: () => decide(null),
    };
  }

  return {
    async drainLane(lane) {
      const post = posts.get(keyOf(lane));
      if (post !== undefined) {
        if (post.run === null || post.run.isOver) post.again = true;
        else post.run.look();
        return post.done;
      }
      if (stopping.signal.aborted || (trafficOf(lane).admits(clock()) === 0 && !replaces(lane))) return Promise.resolve();
      return takeUp(lane, (own) => stay(own)).done;
    },
    async visit(workspaceId, rows) {
      const configuration = options.configuration.workspace(workspaceId);
      const entered = new Map<string, { run: LaneRun; leave(): void }>();
      // Always in the same order: two visits never wait for each other.
      for (const key of [...posts.keys()].sort()) {
        const post = posts.get(key);
        if (post?.run == null || post.lane.workspaceId !== workspaceId || stopping.signal.aborted) continue;
        const { run } = post;
        await run.untilRoom(rows);
        const leave = await run.enter();
        if (run.isOver) leave();
        else entered.set(post.lane.connectionId, { run, leave });
      }
      return createLaneVisit({
        configuration, clock, random, entered, reserve: (connectionId) => reserve({ workspaceId, connectionId }), slotsOf: (connectionId) => slotsOf({ workspaceId, connectionId }),
        trafficOf: (connectionId) => trafficOf({ workspaceId, connectionId }),
      });
    },
    forget: (lane) => void traffics.delete(keyOf(lane)),
    async stop() {
      stopping.abort();
      await Promise.allSettled([...posts.values()].map(({ done }) => done));
    },
  };
}
