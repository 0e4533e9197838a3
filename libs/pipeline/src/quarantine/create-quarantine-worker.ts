import type { ApplyContext } from '../apply/apply-context.js';
import { isPassing } from '../apply/create-apply.js';
import type { Clock, ConfigurationSource } from '../ports/configuration.js';
import type { Doorbell } from '../ports/doorbell.js';
import { FenceLost, type Store } from '../ports/store.js';
import type { OperatorDays } from '../retention/retention-store.js';
import { takeTurns } from '../take-turns.js';
import { quarantineKeptSince } from './quarantine-kept-since.js';
import type { QuarantineJobLease } from './quarantine-job.js';
import { nextOf, workPage, type QuarantinePage } from './quarantine-page.js';
import { findBreaking } from './try-release.js';

export interface QuarantineWorkerOptions {
  store: Store;
  doorbell: Doorbell;
  configuration: ConfigurationSource;
  clock: Clock;
  newId(): string;
  tombstones: { digest(workspaceId: string, key: string): string };
  operatorDays: Pick<OperatorDays, 'quarantine'>;
  /** Unique to this process. */
  holder: string;
  /** Of this workspace alone; of all when left out. */
  workspaceId?: string;
  /** Records per transaction. */
  pageSize?: number;
}

export interface QuarantineWorker {
  /** Works on jobs until none is due, or each had its turn. One call at a time. */
  tick(): Promise<void>;
  /** Finishes the page under way; others take up the rest. */
  stop(): void;
}

/** Every page prolongs it. A crash is taken up by others after this. */
const LEASE_MS = 30_000;
const PAGE_SIZE = 100;
/** Of one job until the next has its turn, and turns until the next tick. */
const MAX_PAGES = 10;
const MAX_TURNS = 20;
/** A job whose page failed holds up no other. */
const AGAIN_MS = 5_000;

/**
 * Releases and discards quarantined records, page by page in the order of receipt, each page one transaction under a lease with a fence. A record that breaks its page goes back to quarantine, and the rest
 * of the page is released.
 *
 * @example repeat(() => worker.tick(), { name: 'quarantine', everyMs: 1_000, logger, onFailure })
 */
export function createQuarantineWorker(options: QuarantineWorkerOptions): QuarantineWorker {
  const { store, doorbell, clock, holder, workspaceId } = options;
  let isStopped = false;

  async function turn(lease: QuarantineJobLease): Promise<void> {
    let { job } = lease;
    for (let pages = 0; !isStopped && job.dueAt !== null && job.dueAt <= clock() && pages < MAX_PAGES; pages += 1) {
      const page = await doPage({ ...lease, job }, options);
      job = page.job;
      for (const connectionId of page.lanes) doorbell.ringLane({ workspaceId: job.workspaceId, connectionId });
    }
    // Given back, so that nobody waits for the lease to end.
    if (job.dueAt !== null) await store.releaseQuarantineJob(lease, job.dueAt);
  }

  return {
    tick: () => takeTurns({
      claim: () => store.claimQuarantineJob({ now: clock(), until: clock() + LEASE_MS, holder, ...(workspaceId === undefined ? {} : { workspaceId }) }),
      turn, giveBack: (lease) => store.releaseQuarantineJob(lease, clock() + AGAIN_MS), maxTurns: MAX_TURNS, isStopped: () => isStopped,
    }),
    stop() {
      isStopped = true;
    },
  };
}

async function doPage(lease: QuarantineJobLease, options: QuarantineWorkerOptions): Promise<QuarantinePage> {
  const { store, configuration, clock, operatorDays, pageSize = PAGE_SIZE } = options;
  const { job } = lease;
  const limit = job.perSecond === null ? pageSize : Math.min(pageSize, Math.max(1, Math.ceil(job.perSecond)));
  const context = (): ApplyContext => ({ configuration: configuration.workspace(job.workspaceId), now: clock(), newId: options.newId, tombstoneDigest: (of, key) => options.tombstones.digest(of, key) });
  const page = () => ({ keptSince: quarantineKeptSince(operatorDays, clock()), limit });
  const attempt = (poison: ReadonlySet<string>): Promise<QuarantinePage> => store.transaction((tx) => workPage(tx, lease, { ...context(), ...page(), poison, until: clock() + LEASE_MS }));
  try {
    return await attempt(new Set());
  } catch (error) {
    if (error instanceof FenceLost || isPassing(error) || job.kind !== 'release') throw error;
    return attempt(await findBreaking(store, nextOf(job, page()), context));
  }
}
