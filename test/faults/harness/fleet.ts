import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connectStore, createConfigurationRepository, type ConnectedStore } from '@firsthand/persistence';
import { countWaiting } from '../../support/count-waiting.js';
import { createSeed, type Seed } from '../../support/seed.js';
import { testEnvironment } from '../../support/start-host.js';
import { startHostProcess, type HostProcess } from '../../support/start-host-process.js';
import { until } from '../../support/until.js';
import { unsettledKeys } from './read-ledgers.js';
import type { ScriptedDestination } from './scripted-destination.js';

export type CrashPoint = 'stored' | 'committed' | 'answered';
export type FleetRole = 'ingest' | 'worker' | 'ingest,worker';

/** Hosts that share a database and a Valkey, and nothing else. */
export interface Fleet {
  databaseName: string;
  store: ConnectedStore;
  seed: Seed;
  writeKey: string;
  /** The destination connection. */
  connectionId: string;
  hosts: readonly HostProcess[];
  /** Keys of what had arrived and was not written down, for each crash so far. */
  crashes: readonly (readonly string[])[];
  withRole(role: FleetRole): HostProcess[];
  urls(): string[];
  start(role: FleetRole): Promise<HostProcess>;
  /** `kill -9`, now. */
  kill(host: HostProcess): Promise<void>;
  /** Has it stand still; what is in flight counts as at a crash. */
  freeze(host: HostProcess): Promise<void>;
  /** Has it go on. */
  thaw(host: HostProcess): void;
  /** Has whichever of these hosts passes the point next die there. Gives the one that did. */
  crashAt(point: CrashPoint, hosts: readonly HostProcess[]): Promise<HostProcess>;
  /** Waits until nothing is left to apply or to deliver; gives what is left when it takes too long. */
  settled(withinMs: number): Promise<{ inbox: number; deliveries: number }>;
  close(): Promise<void>;
}

const WORKSPACE = 'main';
/** A process knows a change of the configuration within a second. */
const CONFIGURATION_AGE_MS = 1_200;
const PRELOAD = new URL('crash-points.mjs', import.meta.url);
/** A dead process' last bytes are on the wire still. */
const LAST_BYTES_MS = 100;
const CRASH_WITHIN_MS = 20_000;

/** Starts the hosts, with one source, one destination, and a flow that hands each event on. The first host makes the workspace; the others come together. */
export async function startFleet({ mongoUrl, redisUrl, destination, roles, concurrency = 16 }: {
  mongoUrl: string; redisUrl?: string; destination: ScriptedDestination; roles: readonly FleetRole[]; concurrency?: number;
}): Promise<Fleet> {
  const databaseName = `test_${randomUUID().slice(0, 8)}`;
  const dir = mkdtempSync(join(process.env.FIRSTHAND_TEST_DIR ?? tmpdir(), 'fleet-'));
  const orders = join(dir, 'crash-orders');
  const store = await connectStore({ uri: mongoUrl, databaseName, log: { info: () => undefined, warn: () => undefined } });
  const hosts: { role: FleetRole; host: HostProcess }[] = [];
  const crashes: string[][] = [];
  const env = { MONGODB_URI: mongoUrl, ...(redisUrl === undefined ? {} : { REDIS_URL: redisUrl }), NODE_OPTIONS: `--import ${PRELOAD.href}`, CRASH_ORDERS: orders };
  const start = async (role: FleetRole): Promise<HostProcess> => {
    const host = await startHostProcess({ databaseName, env: { ...env, FIRSTHAND_ROLES: role } });
    hosts.push({ role, host });
    return host;
  };
  const forget = (host: HostProcess): void => void hosts.splice(hosts.findIndex((one) => one.host === host), 1);
  const order = (point: CrashPoint | '', those: readonly HostProcess[]): void => {
    writeFileSync(orders, point);
    for (const { child } of those) if (child.exitCode === null && child.signalCode === null) child.kill('SIGUSR2');
  };

  const close = async (): Promise<void> => {
    await Promise.all(hosts.map(({ host }) => host.kill('SIGKILL')));
    await store.connection.dropDatabase().catch(() => undefined);
    await store.close();
    rmSync(dir, { recursive: true, force: true });
  };
  const [first, ...others] = roles;
  await start(first ?? 'ingest,worker');
  const started = await Promise.allSettled(others.map(start));
  const failed = started.find((one) => one.status === 'rejected');
  if (failed !== undefined) {
    await close();
    throw failed.reason;
  }
  const secretKey = Buffer.from((await testEnvironment(databaseName)).FIRSTHAND_SECRET_KEY ?? '', 'base64');
  const seed = createSeed({ repository: createConfigurationRepository(store.connection), refresh: () => delay(0), workspaceId: WORKSPACE, secretKey });
  const { writeKey } = await seed.source({ pluginId: 'web', capability: 'events' });
  const { url, secret } = destination.settings;
  const connectionId = await seed.destination({ pluginId: 'webhook', settings: { url }, secrets: { secret }, concurrency });
  await seed.flow({ purpose: 'service', trigger: { type: 'event', name: 'Product Viewed' }, steps: [{ id: 'send', type: 'deliver', connectionId, action: 'send-event' }] });
  await seed.change<object>('workspaces', WORKSPACE, (content) => ({ ...content, changeSettings: { isKept: true, keptForDays: 7, since: 1, startsAfter: 0 } }));
  await delay(CONFIGURATION_AGE_MS);

  const noteCrash = async (): Promise<void> => {
    await delay(LAST_BYTES_MS);
    crashes.push(await unsettledKeys(store, WORKSPACE, connectionId, destination.received));
  };
  const fleet: Fleet = {
    databaseName, store, seed, writeKey, connectionId, crashes, start,
    get hosts() { return hosts.map(({ host }) => host); },
    withRole: (role) => hosts.filter((one) => one.role === role).map(({ host }) => host),
    urls: () => hosts.filter(({ role }) => role !== 'worker').map(({ host }) => host.url),
    async kill(host) {
      forget(host);
      await host.kill('SIGKILL');
      await noteCrash();
    },
    async freeze({ child }) {
      child.kill('SIGSTOP');
      await noteCrash();
    },
    thaw({ child }) {
      child.kill('SIGCONT');
    },
    async crashAt(point, those) {
      order(point, those);
      const dead = await until(() => those.find(({ child }) => child.signalCode !== null), (host) => host !== undefined, CRASH_WITHIN_MS);
      order('', those);
      if (dead === undefined) throw new Error(`No host passed the point "${point}" within ${CRASH_WITHIN_MS} ms.`);
      forget(dead);
      await noteCrash();
      return dead;
    },
    settled: (withinMs) => until(
      async () => ({ inbox: await store.collections.inbox.countDocuments({}), deliveries: await countWaiting(store) }),
      ({ inbox, deliveries }) => inbox === 0 && deliveries === 0, withinMs),
    close,
  };
  return fleet;
}
