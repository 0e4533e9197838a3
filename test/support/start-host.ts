import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger, readEnvironment } from '@firsthand/platform';
import { checkPlugin, isPlugin, type LoadedPlugin, type RejectedPlugin } from '@firsthand/plugin-host';
import { createHost, type Host } from '../../apps/host/src/boot/create-host.js';
import { hostPluginChecks, type HostPlugins } from '../../apps/host/src/boot/load-host-plugins.js';
import { giveBackDatabase, takeEmptyDatabase } from './empty-databases.js';
import { createSeed, type Seed } from './seed.js';

export interface StartHostOptions {
  /** A new one when left out. */
  databaseName?: string;
  /** On top of what a test needs. */
  env?: Record<string, string>;
  clock?: () => number;
  /** Instead of those in `plugins/`, from their sources. */
  plugins?: HostPlugins;
  /** Leaves the database behind at `stop`, for a second host on it. */
  keepDatabase?: boolean;
  /** As the host takes it. */
  maxStallMs?: number;
}

/** A whole host within the test's process, on the test run's MongoDB and Valkey. */
export interface TestHost extends Omit<Host, 'stop'> {
  databaseName: string;
  /** The first workspace's. */
  workspaceId: string;
  /** Writes configuration as the admin plane does, and waits until this host knows it. */
  seed: Seed;
  /** The same of another workspace. */
  seedOf(workspaceId: string): Seed;
  stop(): Promise<void>;
}

/**
 * Starts a host from its sources on a free port and an empty database.
 *
 * @example
 * const host = await startHost();
 * const { writeKey } = await host.seed.source({ pluginId: 'web', capability: 'events' });
 * await fetch(`${host.url}/v1/track`, …);
 * await host.stop();
 */
export async function startHost(options: StartHostOptions = {}): Promise<TestHost> {
  const databaseName = options.databaseName ?? (await takeEmptyDatabase());
  const environment = readEnvironment(await testEnvironment(databaseName, options.env));
  const logger = createLogger({ level: environment.logLevel });
  const plugins = options.plugins ?? (await sourcePlugins());
  const host = await createHost({ environment, logger, plugins, withProcessMetrics: false, describesLate: true, ...(options.maxStallMs === undefined ? {} : { maxStallMs: options.maxStallMs }), ...(options.clock === undefined ? {} : { clock: options.clock }) });
  const workspaceId = host.firstRun?.workspaceId ?? host.configuration.workspaceIds()[0] ?? '';
  const seedOf = (id: string): Seed => createSeed({ repository: host.repository, refresh: () => host.configuration.refresh(), workspaceId: id, secretKey: environment.secretKey });
  return {
    ...host,
    databaseName,
    workspaceId,
    seed: seedOf(workspaceId),
    seedOf,
    async stop() {
      const isOwn = options.databaseName === undefined;
      if (!isOwn && options.keepDatabase !== true) await host.connected.connection.dropDatabase();
      await host.stop();
      if (isOwn && options.keepDatabase !== true) await giveBackDatabase(databaseName);
      rmSync(environment.firstRunFile ?? '', { force: true });
    },
  };
}

/** The environment of a host under test: the run's servers, a free port, its own database, quiet. */
export async function testEnvironment(databaseName: string, env: Record<string, string> = {}): Promise<Record<string, string>> {
  return {
    MONGODB_URI: process.env.MONGODB_URI ?? '',
    REDIS_URL: process.env.REDIS_URL ?? '',
    FIRSTHAND_DATABASE: databaseName,
    FIRSTHAND_SECRET_KEY: TEST_SECRET_KEY,
    FIRSTHAND_TOKEN_SECRET: 'a-token-secret-that-is-used-in-tests-only',
    FIRSTHAND_ALLOW_PRIVATE_DESTINATIONS: 'true',
    FIRSTHAND_FIRST_RUN_FILE: join(process.env.FIRSTHAND_TEST_DIR ?? tmpdir(), `first-run-${databaseName}.json`),
    PORT: String(await freePort()),
    LOG_LEVEL: process.env.FIRSTHAND_TEST_LOG_LEVEL ?? 'silent',
    ...env,
  };
}

/** One for the whole run, so that a second host opens what the first has sealed. */
const TEST_SECRET_KEY = randomBytes(32).toString('base64');

/** The plugins in `plugins/`, from their sources, checked as the host checks them. */
export async function sourcePlugins(): Promise<HostPlugins> {
  const checks = hostPluginChecks();
  const plugins: LoadedPlugin[] = [];
  const rejected: RejectedPlugin[] = [];
  for (const name of readdirSync(new URL('../../plugins', import.meta.url))) {
    const module = (await import(`@firsthand/plugin-${name}`)) as { default?: unknown };
    const reasons = checkPlugin(module.default, checks);
    if (isPlugin(module.default, reasons)) plugins.push({ definition: module.default, origin: name });
    else rejected.push({ origin: name, reasons });
  }
  return { plugins, rejected };
}

/** A port that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
