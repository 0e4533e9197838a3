import type { HttpClient, PluginLog } from '@firsthand/plugin-sdk';
import { localRateLimits } from '../deliver/local-rate-limits.js';
import type { Ingest } from '../ingest/create-ingest.js';
import type { Clock, ConfigurationSource } from '../ports/configuration.js';
import type { Doorbell } from '../ports/doorbell.js';
import type { RateLimits } from '../ports/rate-limits.js';
import { takeTurns } from '../take-turns.js';
import { reconcilePlaceOf } from './reconcile-place.js';
import type { ReconcileLease, ReconcileRow } from './reconcile-rows.js';
import { stepOn, type Stepped } from './reconcile-steps.js';
import type { ReconcileStore } from './reconcile-store.js';

export interface ReconcileWorkerOptions {
  reconciles: ReconcileStore;
  ingest: Ingest;
  doorbell: Doorbell;
  configuration: ConfigurationSource;
  clock: Clock;
  http: HttpClient;
  pluginLog(pluginId: string): PluginLog;
  /** Those of deliveries; one process has its own when left out. */
  limits?: RateLimits;
  tombstones: { digest(workspaceId: string, key: string): string };
  /** Unique to this process. */
  holder: string;
}

export interface ReconcileWorker {
  /** Goes on with reconciles until none is due, or each had its turn. One call at a time. */
  tick(): Promise<void>;
  /** Finishes the page under way; others take up the rest. */
  stop(): void;
}

/** Every page prolongs it; longer than a page of the system's list may take. A crash is taken up by others after this. */
const LEASE_MS = 60_000;
/** Of one until the next has its turn, and turns until the next tick. */
const MAX_PAGES = 20;
const MAX_TURNS = 20;
/** One whose page failed, or whose connection is paused, holds up no other. */
const AGAIN_MS = 5_000;
const PAUSED_MS = 60_000;

/**
 * Compares what systems hold with what we hold, page by page under a lease with a fence, and repairs what was decided. Where it stands lies in the store: a restart goes on from there.
 *
 * @example repeat(() => worker.tick(), { name: 'reconcile', everyMs: 1_000, logger, onFailure })
 */
export function createReconcileWorker(options: ReconcileWorkerOptions): ReconcileWorker {
  const { reconciles, clock, holder, doorbell } = options;
  const limits = options.limits ?? localRateLimits();
  let isStopped = false;

  async function turn(lease: ReconcileLease): Promise<void> {
    let { row } = lease;
    for (let pages = 0; !isStopped && row.dueAt !== null && row.dueAt <= clock() && pages < MAX_PAGES; pages += 1) {
      const stepped = await doPage({ ...lease, row }, { ...options, limits });
      row = stepped.row;
      for (const connectionId of stepped.lanes) doorbell.ringLane({ workspaceId: row.workspaceId, connectionId });
    }
    // Given back, so that nobody waits for the lease to end.
    if (row.dueAt !== null) await reconciles.release(lease, row.dueAt);
  }

  return {
    tick: () => takeTurns({
      claim: () => reconciles.claim({ now: clock(), until: clock() + LEASE_MS, holder }),
      turn, giveBack: (lease) => reconciles.release(lease, clock() + AGAIN_MS), maxTurns: MAX_TURNS, isStopped: () => isStopped,
    }),
    stop() {
      isStopped = true;
    },
  };
}

async function doPage(lease: ReconcileLease, options: ReconcileWorkerOptions & { limits: RateLimits }): Promise<Stepped> {
  const { configuration: source, clock, tombstones, reconciles } = options;
  const { row } = lease;
  const configuration = source.workspace(row.workspaceId);
  const now = clock();
  const until = now + LEASE_MS;
  const place = reconcilePlaceOf(configuration, row.ruleId);
  const write = async (moved: ReconcileRow): Promise<Stepped> => {
    await reconciles.transaction((tx) => tx.writeReconcile(lease, moved, until));
    return { row: moved, lanes: [] };
  };
  if (place === undefined || place.connection.connectionId !== row.connectionId) return write({ ...row, dueAt: null, end: { at: now, as: 'gone' } });
  if (place.connection.status !== 'enabled') return write({ ...row, dueAt: now + PAUSED_MS });
  return stepOn(row, { ...options, lease, configuration, place, now, until, digest: (key) => tombstones.digest(row.workspaceId, key) });
}
