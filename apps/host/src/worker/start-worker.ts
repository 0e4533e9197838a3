import { carryOutErasures, createBackfillWorker, createEraser, createPoll, createRequestAlerts, createSealer, createSizeSnapshots, createStepCountCompaction, createSweep, listMembers, type Apply, type BackfillStore, type Clock, type Deliver, type ErasureStore, type Ingest, type PrivacyRequestStore, type RequestAlertOptions, type SegmentSizeStore, type Store, type Tombstones } from '@firsthand/pipeline';
import type { Collections } from '@firsthand/persistence';
import type { Logger, Metrics } from '@firsthand/platform';
import type { DoorbellHost } from '@firsthand/queue';
import type { HttpClient, PluginLog } from '@firsthand/plugin-sdk';
import type { ConfigurationSnapshot } from '../configuration/configuration-snapshot.js';
import { measureQueues } from './measure-deliveries.js';
import { enabledDestinations, keepLanesOpen } from './keep-lanes-open.js';
import { repeat } from './repeat.js';

const SWEEP_EVERY_MS = 1_000;
const MEASURE_EVERY_MS = 5_000;
/** Well over the configuration's own interval, well under the age at which nobody may act on it. */
const LATE_CONFIGURATION_MS = 600;

export interface WorkerDependencies {
  apply: Apply;
  deliver: Deliver;
  store: Store;
  collections: Pick<Collections, 'deliveries' | 'lanes'>;
  backfills: BackfillStore;
  sizes: SegmentSizeStore;
  requests: PrivacyRequestStore;
  erasures: ErasureStore;
  tombstones: Tombstones;
  newId(): string;
  /** Tells the officers of requests that are due. */
  tellOfRequests: RequestAlertOptions['tell'];
  doorbell: DoorbellHost;
  configuration: ConfigurationSnapshot;
  /** For sources that are polled. */
  ingest: Ingest;
  clock: Clock;
  http: HttpClient;
  logger: Logger;
  metrics: Metrics;
  pluginLog(pluginId: string): PluginLog;
  /** Unique to this process: it holds polling lanes under this name. */
  holder: string;
}

/** The role `worker` at work. */
export interface RunningWorker {
  /** Lets what is under way finish, writes it down and gives the leases back. */
  stop(): Promise<void>;
}

/**
 * Answers the doorbell: each ring calls one function of the pipeline. The sweep rings for whatever was missed.
 *
 * @example const worker = startWorker(dependencies); await worker.stop();
 */
export function startWorker(dependencies: WorkerDependencies): RunningWorker {
  const { apply, deliver, doorbell, configuration, logger: log, metrics, collections } = dependencies;
  const sweep = createSweep({ ...dependencies, log, workspaceIds: () => configuration.workspaceIds() });
  const poll = createPoll({ ...dependencies, log });
  const backfill = createBackfillWorker(dependencies);
  const snapshots = createSizeSnapshots(dependencies);
  const sealer = createSealer(dependencies);
  const compaction = createStepCountCompaction(dependencies);

  doorbell.onApply(() => apply.drain());
  doorbell.onLane((lane) => deliver.drainLane(lane));
  const lanes = keepLanesOpen(configuration, doorbell, (lane) => deliver.forget(lane));
  // A process that was busy, as at its first start, may be late to read it, or have taken long over it: it is read now, and only if it cannot be is that a failure.
  const current = async (): Promise<void> => {
    if (configuration.ageMs() > LATE_CONFIGURATION_MS) await configuration.refresh().catch(() => undefined);
  };
  const every = (name: string, work: () => Promise<void>, everyMs = SWEEP_EVERY_MS) => repeat(async () => {
    await current();
    lanes.catchUp();
    await work();
  }, { name, everyMs, logger: log, onFailure: () => metrics.workFailures.inc({ work: name }) });
  const sweeping = every('sweep', () => sweep.tick());
  const polling = every('poll', async () => {
    // Not waited for: a slow source would hold up the others' next turn.
    void poll.tick(configuration.workspaceIds().map((id) => configuration.workspace(id)));
  });
  const backfilling = every('backfill', () => backfill.tick());
  const measuring = every('measure', () => measureQueues(collections, enabledDestinations(configuration), dependencies.clock(), metrics), MEASURE_EVERY_MS);
  const listing = every('compare', () => listMembers(dependencies));
  const sizing = every('segment-sizes', () => snapshots.tick(configuration.workspaceIds()));
  const compacting = every('step-counts', () => compaction.tick(configuration.workspaceIds()));

  const alerts = createRequestAlerts({ ...dependencies, tell: dependencies.tellOfRequests, observe: (workspace, { dueSoon, overdue }) => {
    metrics.privacyRequestsDue.set({ workspace, state: 'due-soon' }, dueSoon);
    metrics.privacyRequestsDue.set({ workspace, state: 'overdue' }, overdue);
  } });
  const alerting = every('request-alerts', () => alerts.tick(configuration.workspaceIds()), MEASURE_EVERY_MS);
  const eraser = createEraser(dependencies);
  const erasing = every('erase', async () => {
    await carryOutErasures(configuration.workspaceIds(), dependencies);
    await eraser.tick();
  });
  const sealing = every('seal', () => sealer.tick());

  return {
    async stop() {
      lanes.stop();
      backfill.stop();
      await Promise.all([sweeping.stop(), polling.stop().then(() => poll.stop()), backfilling.stop(), measuring.stop(), sizing.stop(), compacting.stop(), listing.stop(), sealing.stop(), erasing.stop(), alerting.stop(), apply.stop(), deliver.stop()]);
    },
  };
}
