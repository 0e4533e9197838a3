import { createBackfillWorker, createPoll, createSweep, type Apply, type BackfillStore, type Clock, type Deliver, type Ingest, type Store } from '@firsthand/pipeline';
import type { Logger, Metrics } from '@firsthand/platform';
import type { DoorbellHost } from '@firsthand/queue';
import type { HttpClient, PluginLog } from '@firsthand/plugin-sdk';
import type { ConfigurationSnapshot } from '../configuration/configuration-snapshot.js';
import { keepLanesOpen } from './keep-lanes-open.js';
import { repeat } from './repeat.js';

const SWEEP_EVERY_MS = 1_000;

export interface WorkerDependencies {
  apply: Apply;
  deliver: Deliver;
  store: Store;
  backfills: BackfillStore;
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
  const { apply, deliver, doorbell, configuration, logger: log, metrics } = dependencies;
  const sweep = createSweep(dependencies);
  const poll = createPoll({ ...dependencies, log });
  const backfill = createBackfillWorker(dependencies);

  doorbell.onApply(() => apply.drain());
  doorbell.onLane((lane) => deliver.drainLane(lane));
  const lanes = keepLanesOpen(configuration, doorbell);
  const onFailure = (work: string) => () => metrics.workFailures.inc({ work });
  const sweeping = repeat(() => sweep.tick(), { name: 'sweep', everyMs: SWEEP_EVERY_MS, logger: log, onFailure: onFailure('sweep') });
  const polling = repeat(() => poll.tick(configuration.workspaceIds().map((id) => configuration.workspace(id))), { name: 'poll', everyMs: SWEEP_EVERY_MS, logger: log, onFailure: onFailure('poll') });
  const backfilling = repeat(() => backfill.tick(), { name: 'backfill', everyMs: SWEEP_EVERY_MS, logger: log, onFailure: onFailure('backfill') });

  return {
    async stop() {
      lanes.stop();
      backfill.stop();
      await Promise.all([sweeping.stop(), polling.stop(), backfilling.stop(), apply.stop(), deliver.stop()]);
    },
  };
}
