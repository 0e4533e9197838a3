import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { INestApplication } from '@nestjs/common';
import type { OpenAPIObject } from '@nestjs/swagger';
import { createBodySigner, createConfirmationLinks, createOneTimeCodes, createSigner, createUserTokens, signingSeed } from '@firsthand/access';
import { FirsthandError } from '@firsthand/domain';
import { connectStore, createAuditTrail, createBackfillStore, createBalanceReportStore, createChangeLog, createErasureStore, createFreshnessStore, createMatchStore, createOneTimeCodeStore, createPersonExportStore, createPrivacyRequestStore, createQualityStore, createPushGateStore, createReconcileStore, createRemovalStore, createRetentionStore, createRequestCallbackStore, createSegmentSizeStore, createConfigurationRepository, migrate, type ConfigurationRepository, type ConnectedStore } from '@firsthand/persistence';
import { createApply, createDeliver, createIngest, unreachableConfirmations, type Clock, type Notifier } from '@firsthand/pipeline';
import { createMetrics, createNotifier, stopGracefully, type Environment, type GracefulStop, type Logger } from '@firsthand/platform';
import { createHttpClient, createPluginRegistry, readSecretKey } from '@firsthand/plugin-host';
import { assertNoEviction, createDoorbell, createExchangeTail, createRateLimits } from '@firsthand/queue';
import { createChangeStreams } from '../admin/changes/change-streams.js';
import { createOpenStreams } from '../admin/http/open-streams.js';
import { createConfiguration, type RunningConfiguration } from '../configuration/create-configuration.js';
import { checkpointFile, checkpointWebhook } from '../evidence/checkpoint-targets.js';
import { startCheckpoints } from '../evidence/start-checkpoints.js';
import { createDataPlane, DATA_PLANE_PREFIXES } from '../ingest/create-data-plane.js';
import { createEventLimiter } from '../ingest/event-limiter.js';
import { disableConnection } from '../worker/disable-connection.js';
import { observeDeliveries } from '../worker/observe-deliveries.js';
import { startWorker } from '../worker/start-worker.js';
import { assertReplicaSet } from './assert-replica-set.js';
import { createClockCheck } from './create-clock-check.js';
import { createFirstWorkspace, tellFirstRun } from './create-first-workspace.js';
import type { WorkspaceOwner } from './create-workspace.js';
import { createOperationsApplication } from './create-operations-application.js';
import type { HealthProbe } from './health.controller.js';
import { matchDigest } from './match-digest.js';
import { loadHostPlugins, type HostPlugins } from './load-host-plugins.js';
import { speakPlainly } from './plain-messages.js';
import { pluginLogs } from './plugin-logs.js';
import { reachServer } from './reach-server.js';
import { createSharedServer } from './shared-server.js';
import { tombstoneDigest } from './tombstone-digest.js';
import { warnOfForeignTombstones } from './warn-of-foreign-tombstones.js';
import { warnOfLongTransactions } from './warn-of-long-transactions.js';

/** How long a stop may take in all. */
const GRACE_MS = 20_000;
const MAX_CONFIGURATION_AGE_MS = 1_000;

export interface HostOptions {
  environment: Environment;
  logger: Logger;
  /** Milliseconds since the epoch; the system's when left out. */
  clock?: Clock;
  /** Plugins that are loaded already; else they are looked for. */
  plugins?: HostPlugins;
  /** Memory, CPU and event loop beside our own metrics; not where several hosts share a process. True when left out. */
  withProcessMetrics?: boolean;
  /** The API is described when somebody first asks, which then waits a second of the process; else at the start. */
  describesLate?: boolean;
  /** So long a reader of a stream may take nothing until it is let go of; 30 s when left out. */
  maxStallMs?: number;
}

/** A running host. */
export interface Host {
  /** Where it listens. */
  url: string;
  connected: ConnectedStore;
  repository: ConfigurationRepository;
  configuration: RunningConfiguration;
  /** Set when this start has made the first workspace. */
  firstRun: WorkspaceOwner | undefined;
  /** Finishes what is under way, within 20 s. False when something had to be left behind. */
  stop(): Promise<boolean>;
}

/**
 * Starts the roles that the environment names, in this process. What has been started is stopped again when a later step fails.
 *
 * @throws FirsthandError `SERVER_UNREACHABLE`, `NOT_A_REPLICA_SET`, `CLOCK_OUT_OF_STEP`, `EVICTING_QUEUE`, `NEWER_SCHEMA`, `CANNOT_LISTEN`
 * @example const host = await createHost({ environment: readEnvironment(process.env), logger }); await host.stop();
 */
export async function createHost(options: HostOptions): Promise<Host> {
  speakPlainly();
  const shutdown = stopGracefully({ graceMs: GRACE_MS, logger: options.logger });
  try {
    return await boot(options, shutdown);
  } catch (error) {
    await shutdown.stop();
    throw error;
  }
}

async function boot({ environment, logger, clock = Date.now, plugins: given, withProcessMetrics = true, describesLate = false, maxStallMs }: HostOptions, shutdown: GracefulStop): Promise<Host> {
  const { roles, redisUrl } = environment;
  const metrics = createMetrics({ withProcessMetrics });
  shutdown.onStop('metrics', () => metrics.registry.clear());

  const connected = await reachServer('MONGODB_URI', () => connectStore({ uri: environment.mongodbUri, ...(environment.database === undefined ? {} : { databaseName: environment.database }), log: logger }));
  shutdown.onStop('store', () => connected.close());
  const admin = connected.connection.getClient().db('admin');
  await assertReplicaSet(admin);
  await migrate(connected.connection);
  await warnOfLongTransactions(admin, logger);
  await reachServer('REDIS_URL', () => assertNoEviction(redisUrl));
  const { plugins, rejected } = given ?? (await loadHostPlugins(environment.plugins, logger));
  const registry = createPluginRegistry(plugins);

  const repository = createConfigurationRepository(connected.connection);
  const audit = createAuditTrail(connected.connection);
  const firstRun = await createFirstWorkspace({ repository, clock, tell: (run) => tellFirstRun(environment.firstRunFile, run) });
  const exports = createPersonExportStore(connected.connection);
  const retention = createRetentionStore(connected.connection);
  const matches = createMatchStore(connected.connection);
  const reconciles = createReconcileStore(connected.connection);
  const operatorDays = { quarantine: environment.quarantineDays === 0 ? null : environment.quarantineDays, deliveries: environment.deliveryDays === 0 ? null : environment.deliveryDays };
  const notifier = createNotifier({ smtpUrl: environment.smtpUrl, mailFrom: environment.mailFrom, webhookUrl: environment.notifyWebhookUrl, webhookSecret: environment.notifyWebhookSecret });
  const secretKey = readSecretKey(environment.secretKey.toString('base64'));
  await warnOfForeignTombstones(connected.collections.tombstones, secretKey.id, logger);
  const assertInStep = createClockCheck({ serverTime: () => connected.serverTime(), observe: (offsetMs) => metrics.clockOffset.set(offsetMs / 1_000) });
  const configuration = createConfiguration({ repository, registry, secretKeys: [secretKey], assertInStep, logger, metrics });
  shutdown.onStop('configuration', () => configuration.stop());
  await configuration.start();

  const { store } = connected;
  const requests = createPrivacyRequestStore(connected.collections);
  const pushGates = createPushGateStore(connected.connection);
  const doorbell = createDoorbell({ redisUrl, prefix: `firsthand-${connected.connection.name}`, log: logger });
  shutdown.onStop('doorbell', () => doorbell.close());
  const limits = createRateLimits({ redisUrl, prefix: `firsthand-${connected.connection.name}`, log: logger });
  shutdown.onStop('rate limits', () => limits.close());
  const tail = createExchangeTail({ redisUrl, prefix: `firsthand-${connected.connection.name}` });
  shutdown.onStop('tail', () => tail.close());
  const http = createHttpClient({ allowPrivateAddresses: environment.allowPrivateDestinations, userAgent: 'Firsthand/0.1.0' });
  shutdown.onStop('http', () => http.close());
  const seed = environment.signingKey ?? signingSeed(environment.secretKey);
  const signer = await createSigner(seed);
  const bodySigner = createBodySigner({ publicUrl: environment.publicUrl, seed, certificate: await readCertificate(environment.openDsr) });
  const { file, url, everySeconds } = environment.checkpoints;
  const targets = [...(file === undefined ? [] : [checkpointFile(file)]), ...(url === undefined ? [] : [checkpointWebhook(url, http)])];
  const checkpoints = roles.has('worker') && targets.length > 0
    ? startCheckpoints({ collections: connected.collections, signer, targets, issuer: environment.publicUrl, clock, everyMs: everySeconds * 1_000, logger, metrics }) : undefined;
  // Begun before the worker, so that it ends after it.
  if (checkpoints !== undefined) shutdown.onStop('checkpoints', () => checkpoints.stop());
  const newId = randomUUID;
  const changes = createChangeLog(connected.collections);
  const changeStreams = createChangeStreams(changes);
  const streams = createOpenStreams({ maxStallMs });
  const pluginLog = pluginLogs({ configuration, plugins: plugins.map(({ definition }) => definition), logger });
  const holder = newId();
  const deliver = roles.has('worker') ? createDeliver({
    store, configuration, clock, http, pluginLog, log: logger, holder, limits, observer: observeDeliveries(metrics, tail),
    disable: (lane, reason) => disableConnection({ repository, audit, configuration, notifier, clock, logger }, lane, reason),
  }) : undefined;
  const tombstones = { keyId: secretKey.id, digest: tombstoneDigest(environment.secretKey) };
  const apply = deliver && createApply({ store, doorbell, configuration, clock, newId, tombstoneDigest: tombstones.digest, http, pluginLog, log: logger, deliver });
  const ingest = createIngest({ store, doorbell, newId, intake: apply?.intake });
  shutdown.onStop('ingest', () => ingest.close());
  if (apply !== undefined && deliver !== undefined) {
    const worker = startWorker({
      apply, deliver, store, pushGates, collections: connected.collections, backfills: createBackfillStore(connected.connection), sizes: createSegmentSizeStore(connected.connection), quality: createQualityStore(connected.connection), freshness: createFreshnessStore(connected.connection), balanceReports: createBalanceReportStore(connected.connection), removals: createRemovalStore(connected.collections), changes, repository, notifier, doorbell, configuration, ingest, clock, http, logger,
      metrics, pluginLog, holder, newId, tombstones, erasures: createErasureStore(connected.connection), matches, reconciles, limits, matchDigest: matchDigest(environment.secretKey), retention, operatorDays, audit, requests, callbacks: createRequestCallbackStore(connected.collections), exports, signer, bodySigner, publicUrl: environment.publicUrl, confirmationLinks: createConfirmationLinks({ secret: environment.tokenSecret, clock }), codes: createOneTimeCodes(environment.tokenSecret), codeStore: createOneTimeCodeStore(connected.collections),
    });
    shutdown.onStop('worker', () => worker.stop());
  }

  const shared = createSharedServer();
  let describeDataPlane: (() => OpenAPIObject) | undefined;
  if (roles.has('ingest')) {
    const plane = await createDataPlane(shared.server, { configuration, ingest, limiter: createEventLimiter({ perSecond: environment.publicKeyEventsPerSecond }), store, userTokens: createUserTokens({ secret: environment.tokenSecret, clock }), clock, publicUrl: environment.publicUrl, logger, metrics });
    shutdown.onStop('data plane', () => plane.close());
    shared.mount(DATA_PLANE_PREFIXES, plane.listener);
    describeDataPlane = plane.describe;
  }
  const probes: HealthProbe[] = [
    { name: 'mongodb', isRequired: true, check: async () => void (await connected.serverTime()) },
    // Without it data is still taken in, and the sweep delivers.
    { name: 'valkey', isRequired: false, check: () => doorbell.ping() },
    { name: 'configuration', isRequired: true, check: () => assertCurrent(configuration) },
    { name: 'running', isRequired: true, check: () => assertRunning(shutdown) },
    // Consents wait for a message that cannot be sent; all else goes on.
    { name: 'confirmations', isRequired: false, check: () => assertCanConfirm(configuration, notifier) },
    ...(checkpoints === undefined ? [] : [checkpoints.probe]),
  ];
  // Loaded only where it is used: its routes and their descriptions are a good part of a process's memory.
  const application: INestApplication = roles.has('admin')
    ? await (await import('../admin/create-admin-application.js')).createAdminApplication({
        logger, metrics, probes, connection: connected.connection, collections: connected.collections, store, pushGates, requests, codeStore: createOneTimeCodeStore(connected.collections), repository, audit, notifier, exports, configuration, doorbell, changes, changeStreams, streams, tail, plugins: registry, rejectedPlugins: rejected, http, secretKey, signer, bodySigner,
        tombstones, retention, matches, reconciles, operatorDays, backupDays: environment.backupDays, tokenSecret: environment.tokenSecret, publicUrl: environment.publicUrl, allowPrivateDestinations: environment.allowPrivateDestinations, trustedProxies: environment.trustedProxies, clock, describesLate, describeDataPlane,
      })
    : await createOperationsApplication({ logger, metrics, probes });
  await application.init();
  shutdown.onStop('admin plane', () => application.close());
  shared.mountRest(application.getHttpAdapter().getInstance());

  const port = await shared.listen(environment.port, environment.host);
  shutdown.onStop('server', () => shared.close());
  // Before the server waits for requests under way: a stream has no end of its own.
  shutdown.onStop('streams', () => streams.stop());
  logger.info({ port, host: environment.host, roles: [...roles], signatures: signer.jwks.keys, documented: describeDataPlane !== undefined }, 'The host is listening.');
  return { url: `http://${environment.host.includes(':') ? `[${environment.host}]` : environment.host}:${port}`, connected, repository, configuration, firstRun, stop: () => shutdown.stop() };
}

function assertCanConfirm(configuration: RunningConfiguration, notifier: Notifier): void {
  const isUnreachable = configuration.workspaceIds().some((id) => unreachableConfirmations(configuration.workspace(id).purposes.values(), notifier).length > 0);
  if (isUnreachable) throw new FirsthandError('UNAVAILABLE');
}

function assertCurrent(configuration: RunningConfiguration): void {
  if (configuration.ageMs() > MAX_CONFIGURATION_AGE_MS) throw new FirsthandError('UNAVAILABLE');
}

async function readCertificate(files: Environment['openDsr']): Promise<{ certificate: string; privateKey: string } | undefined> {
  if (files === undefined) return undefined;
  const read = (path: string, name: string): Promise<string> => readFile(path, 'utf8').catch(() => {
    throw new FirsthandError('INVALID_ENVIRONMENT', `${name} names no file that can be read.`, [{ path: name, message: 'names no file that can be read' }]);
  });
  return { certificate: await read(files.certificateFile, 'FIRSTHAND_OPENDSR_CERTIFICATE_FILE'), privateKey: await read(files.keyFile, 'FIRSTHAND_OPENDSR_KEY_FILE') };
}

function assertRunning({ isStopping }: GracefulStop): void {
  if (isStopping) throw new FirsthandError('UNAVAILABLE');
}
