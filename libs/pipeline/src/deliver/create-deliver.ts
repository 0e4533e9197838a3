import type { HttpClient, PluginLog } from '@firsthand/plugin-sdk';
import type { Clock, ConfigurationSource, Lane, PipelineLog, Store } from '../ports/index.js';
import { FenceLost } from '../ports/store.js';
import { LaneRun } from './drain-lane.js';

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
}

export interface Deliver {
  /** Sends what is due on a lane, unless another process holds it. A call while it runs here makes it look once more. */
  drainLane(lane: Lane): Promise<void>;
  /** Lets the sends under way finish, writes them down, and gives the leases back. */
  stop(): Promise<void>;
}

const LEASE_MS = 10_000;
const HEARTBEAT_MS = 3_000;

/**
 * Step 3 of an event's path. One process at a time works a lane, under a lease with a fencing number that every write checks.
 *
 * @example const deliver = createDeliver(options); await deliver.drainLane({ workspaceId, connectionId });
 */
export function createDeliver(options: DeliverOptions): Deliver {
  const stopping = new AbortController();
  const running = new Map<string, { again: boolean; done: Promise<void> }>();

  async function work(lane: Lane): Promise<void> {
    const { store, clock, holder, log } = options;
    const lease = await store.acquireLane(lane, holder, clock() + LEASE_MS, clock());
    if (lease === null) return;
    const heartbeat = setInterval(() => {
      store.extendLane(lease, clock() + LEASE_MS).catch(() => undefined);
    }, HEARTBEAT_MS);
    try {
      const configuration = () => options.configuration.workspace(lane.workspaceId);
      await new LaneRun(lease, { ...options, random: options.random ?? Math.random, configuration, signal: stopping.signal }).run();
    } catch (error) {
      // The rows are still pending in the store: whoever takes the lane next goes on.
      if (!(error instanceof FenceLost)) log.warn({ connectionId: lane.connectionId, error: error instanceof Error ? error.name : 'unknown' }, 'a lane stopped and will be taken up again');
    } finally {
      clearInterval(heartbeat);
      await store.releaseLane(lease).catch(() => undefined);
    }
  }

  async function workUntilQuiet(lane: Lane, state: { again: boolean }): Promise<void> {
    // A ring that came while the lease was being given back found the lane held: look once more.
    do {
      state.again = false;
      await work(lane);
    } while (state.again && !stopping.signal.aborted);
  }

  return {
    drainLane(lane) {
      const key = `${lane.workspaceId}|${lane.connectionId}`;
      const current = running.get(key);
      if (current !== undefined) {
        current.again = true;
        return current.done;
      }
      if (stopping.signal.aborted) return Promise.resolve();
      const state = { again: false, done: Promise.resolve() };
      running.set(key, state);
      state.done = workUntilQuiet(lane, state).finally(() => running.delete(key));
      return state.done;
    },
    async stop() {
      stopping.abort();
      await Promise.allSettled([...running.values()].map(({ done }) => done));
    },
  };
}
