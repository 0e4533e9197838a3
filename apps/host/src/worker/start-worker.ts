import { carryOutErasures, createBackfillWorker, createBalanceReports, createChangeFeeds, createChangeNumbering, createConfirmationSender, createEraser, createFreshnessCompaction, createMatchWorker, createGatekeeper, createPersonExportWorker, createPoll, createQualityWatch, createQuarantineWorker, createReconcileWorker, createRemovalAlerts, createRequestAlerts, createRetentionSweep, createRequestCallbacks, createSealer, createSizeSnapshots, createStepCountCompaction, createSweep, createSyncAlerts, endDeserted, listMembers, serveAccessRequests, startNightly, type Apply, type AuditTrail, type BackfillStore, type BalanceReportStore, type ChangeLog, type Clock, type Deliver, type ErasureStore, type FreshnessStore, type Ingest, type MatchStore, type Notifier, type OneTimeCodeStore, type OperatorDays, type PersonExportStore, type PrivacyRequestStore, type QualityStore, type PushGateStore, type RateLimits, type ReconcileStore, type RemovalStore, type RetentionStore, type RequestCallbackStore, type SegmentSizeStore, type Store, type Tombstones } from '@firsthand/pipeline';
import type { BodySigner, ConfirmationLinks, OneTimeCodes, Signer } from '@firsthand/access';
import type { Collections, ConfigurationRepository } from '@firsthand/persistence';
import type { Logger, Metrics } from '@firsthand/platform';
import type { DoorbellHost } from '@firsthand/queue';
import type { HttpClient, PluginLog } from '@firsthand/plugin-sdk';
import type { ConfigurationSnapshot } from '../configuration/configuration-snapshot.js';
import { sendRequestCallback } from '../opendsr/send-request-callback.js';
import { announceExport } from '../person-export/announce-export.js';
import { writeExport } from '../person-export/write-export.js';
import { hasWaitingRecords } from './has-waiting-records.js';
import { isDeleted } from './is-deleted.js';
import { measureQueues } from './measure-deliveries.js';
import { enabledDestinations, keepLanesOpen } from './keep-lanes-open.js';
import { repeat } from './repeat.js';
import { reportSweep } from './report-sweep.js';
import { sendChanges } from './send-changes.js';
import { sendConfirmation } from './send-confirmation.js';
import { sendQualityAlert } from './send-quality-alert.js';
import { tellOfBalance } from './tell-of-balance.js';
import { tellOfPushes } from './tell-of-pushes.js';
import { countRemovals, tellOfRemovals } from './tell-of-removals.js';
import { tellOfRequests } from './tell-of-requests.js';
import { countStoppedSyncs, tellOfSyncs } from './tell-of-syncs.js';

const SWEEP_EVERY_MS = 1_000;
const MEASURE_EVERY_MS = 5_000;
const TELL_EVERY_MS = 60_000;
/** Readers see a change so much later at most. */
const NUMBER_EVERY_MS = 200;
const FEED_EVERY_MS = 500;
const FRESHNESS_EVERY_MS = 2_000;
/** Well over the configuration's own interval, well under the age at which nobody may act on it. */
const LATE_CONFIGURATION_MS = 600;

export interface WorkerDependencies {
  apply: Apply;
  deliver: Deliver;
  store: Store;
  collections: Collections;
  backfills: BackfillStore;
  sizes: SegmentSizeStore;
  quality: QualityStore;
  freshness: FreshnessStore;
  balanceReports: BalanceReportStore;
  pushGates: PushGateStore;
  removals: RemovalStore;
  /** What changes of people, for those who follow it. */
  changes: ChangeLog;
  /** Where users are looked up who have to be told. */
  repository: ConfigurationRepository;
  notifier: Notifier;
  requests: PrivacyRequestStore;
  exports: PersonExportStore;
  signer: Signer;
  /** Links by which people confirm a consent. */
  confirmationLinks: ConfirmationLinks;
  codes: OneTimeCodes;
  codeStore: OneTimeCodeStore;
  /** Of requests that came over OpenDSR. */
  callbacks: RequestCallbackStore;
  bodySigner: BodySigner;
  erasures: ErasureStore;
  retention: RetentionStore;
  /** Runs of the matcher, and how what people are compared by is digested. */
  matches: MatchStore;
  matchDigest(workspaceId: string, text: string): string;
  /** What systems hold against what we hold, and the rate limits that the lists of what they hold share with deliveries. */
  reconciles: ReconcileStore;
  limits: RateLimits;
  /** How long what belongs to no purpose is kept. */
  operatorDays: OperatorDays;
  audit: AuditTrail;
  tombstones: Tombstones;
  newId(): string;
  /** Under which people reach the host. */
  publicUrl: string;
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
  const quality = createQualityWatch({ ...dependencies, log, send: sendQualityAlert(dependencies) });
  const sealer = createSealer(dependencies);
  const removalAlerts = createRemovalAlerts({ ...dependencies, log, observe: countRemovals(metrics), tell: (workspaceId, untold) => tellOfRemovals({ ...dependencies, log }, workspaceId, untold) });
  const syncAlerts = createSyncAlerts({ ...dependencies, log, observe: countStoppedSyncs(metrics), tell: (workspaceId, stopped) => tellOfSyncs({ ...dependencies, log }, workspaceId, stopped) });
  const requestAlerts = createRequestAlerts({ ...dependencies, tell: tellOfRequests({ ...dependencies, log }), observe: (workspace, { dueSoon, overdue }) => {
    metrics.privacyRequestsDue.set({ workspace, state: 'due-soon' }, dueSoon);
    metrics.privacyRequestsDue.set({ workspace, state: 'overdue' }, overdue);
  } });
  const eraser = createEraser(dependencies);
  const retention = createRetentionSweep({ ...dependencies, days: dependencies.operatorDays, report: reportSweep(dependencies) });
  const copies = createPersonExportWorker({ ...dependencies, write: (row, format) => writeExport(dependencies, row, format), announce: (row) => announceExport(dependencies, row), log });
  const confirmations = createConfirmationSender({ ...dependencies, log, isConfigured: dependencies.notifier.isConfigured, send: (row) => sendConfirmation(dependencies, row) });
  const requestCallbacks = createRequestCallbacks({ ...dependencies, log, send: sendRequestCallback(dependencies) });
  const matching = createMatchWorker({ ...dependencies, digest: dependencies.matchDigest, isBusy: () => hasWaitingRecords(collections, dependencies.clock()) });
  const compaction = createStepCountCompaction(dependencies);
  const freshness = createFreshnessCompaction(dependencies);
  const balance = createBalanceReports({
    ...dependencies, reports: dependencies.balanceReports, log, tell: (workspaceId, open) => tellOfBalance({ ...dependencies, log }, workspaceId, open),
    observe: (workspace, openMinutes) => metrics.balanceOpenMinutes.set({ workspace }, openMinutes),
  });
  const quarantine = createQuarantineWorker(dependencies);
  const reconciling = createReconcileWorker(dependencies);
  const gatekeeper = createGatekeeper({ ...dependencies, log, tell: (workspaceId, held) => tellOfPushes({ ...dependencies, log }, workspaceId, held) });
  const numbering = createChangeNumbering(dependencies);
  const feeds = createChangeFeeds({ ...dependencies, send: sendChanges(dependencies) });

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
  const works = [
    every('sweep', () => sweep.tick()),
    // Not waited for: a slow source would hold up the others' next turn.
    every('poll', async () => void poll.tick(configuration.workspaceIds().map((id) => configuration.workspace(id)))),
    every('backfill', () => backfill.tick()),
    every('measure', () => measureQueues(collections, enabledDestinations(configuration), dependencies.clock(), metrics), MEASURE_EVERY_MS),
    every('compare', () => listMembers(dependencies)),
    every('segment-sizes', () => snapshots.tick(configuration.workspaceIds())),
    every('quality', () => quality.tick(configuration.workspaceIds())),
    every('step-counts', () => compaction.tick(configuration.workspaceIds())),
    every('freshness', () => freshness.tick(configuration.workspaceIds()), FRESHNESS_EVERY_MS),
    every('balance-reports', () => balance.tick(configuration.workspaceIds()), TELL_EVERY_MS),
    every('request-alerts', () => requestAlerts.tick(configuration.workspaceIds()), MEASURE_EVERY_MS),
    every('request-callbacks', () => requestCallbacks.tick(configuration.workspaceIds())),
    every('deserted', () => endDeserted({ ...dependencies, isDeleted: (lane) => isDeleted(dependencies, lane) }), MEASURE_EVERY_MS),
    every('removal-alerts', () => removalAlerts.tick(configuration.workspaceIds()), TELL_EVERY_MS),
    every('sync-alerts', () => syncAlerts.tick(configuration.workspaceIds()), TELL_EVERY_MS),
    every('erase', async () => {
      await carryOutErasures(configuration.workspaceIds(), dependencies);
      await eraser.tick();
    }),
    every('person-exports', async () => {
      await serveAccessRequests(configuration.workspaceIds(), dependencies);
      await copies.tick();
    }),
    every('retention', () => retention.tick(configuration.workspaceIds())),
    every('confirmations', () => confirmations.tick()),
    every('changes', () => numbering.tick(configuration.workspaceIds()), NUMBER_EVERY_MS),
    every('change-feeds', () => feeds.tick(configuration.workspaceIds()), FEED_EVERY_MS),
    every('seal', () => sealer.tick()),
    every('quarantine', () => quarantine.tick()),
    every('matching', () => matching.tick(configuration.workspaceIds())),
    every('push-gates', () => gatekeeper.tick()),
    every('reconcile', () => reconciling.tick()),
    every('nightly-reconcile', () => startNightly(configuration.workspaceIds(), dependencies), TELL_EVERY_MS),
  ];

  return {
    async stop() {
      lanes.stop();
      backfill.stop();
      copies.stop();
      quarantine.stop();
      reconciling.stop();
      await Promise.all([...works.map((work) => work.stop()), apply.stop(), deliver.stop()]);
      await poll.stop();
    },
  };
}
