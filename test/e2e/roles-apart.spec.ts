import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { connectStore, createConfigurationRepository, type ConnectedStore } from '@firsthand/persistence';
import { adminClient, logIn, type AdminClient } from '../support/admin-client.js';
import { readProof } from '../support/delivered-proof.js';
import { startFakeWebhookReceiver, type FakeWebhookReceiver } from '../support/fake-webhook-receiver.js';
import { createSeed } from '../support/seed.js';
import { testEnvironment } from '../support/start-host.js';
import { startHostProcess, type HostProcess } from '../support/start-host-process.js';
import { until } from '../support/until.js';

/** Five processes on one database and one Valkey: two that take in, two that work, one for admins. */
const ROLES = ['admin', 'ingest', 'ingest', 'worker', 'worker'] as const;
const databaseName = `test_${randomUUID().slice(0, 8)}`;
let hosts: HostProcess[] = [];
let store: ConnectedStore;
let receiver: FakeWebhookReceiver;
let owner: AdminClient;
let writeKey: string;
let destination: string;

const withRole = (role: (typeof ROLES)[number]): HostProcess[] => hosts.filter((_, index) => ROLES[index] === role);

beforeAll(async () => {
  receiver = await startFakeWebhookReceiver();
  store = await connectStore({ uri: process.env.MONGODB_URI ?? '', databaseName, log: { info: () => undefined, warn: () => undefined } });
  // The first one makes the workspace and tells its owner's password; the others come together.
  const begin = (role: (typeof ROLES)[number]) => startHostProcess({ databaseName, env: { FIRSTHAND_ROLES: role } });
  hosts = [await begin(ROLES[0])];
  hosts.push(...(await Promise.all(ROLES.slice(1).map(begin))));
  const environment = await testEnvironment(databaseName);
  const firstRun = JSON.parse(readFileSync(environment.FIRSTHAND_FIRST_RUN_FILE ?? '', 'utf8')) as { ownerEmail: string; ownerPassword: string };
  owner = await logIn(withRole('admin')[0]?.url ?? '', firstRun.ownerEmail, firstRun.ownerPassword);
  const seed = createSeed({ repository: createConfigurationRepository(store.connection), refresh: () => delay(0), workspaceId: 'main', secretKey: Buffer.from(environment.FIRSTHAND_SECRET_KEY ?? '', 'base64') });
  ({ writeKey } = await seed.source({ pluginId: 'web', capability: 'events' }));
  const { url, secret } = receiver.settings;
  destination = await seed.destination({ pluginId: 'webhook', settings: { url }, secrets: { secret } });
  await seed.flow({ purpose: 'service', trigger: { type: 'event', name: 'Product Viewed' }, steps: [{ id: 'send', type: 'deliver', connectionId: destination, action: 'send-event' }] });
  // A process knows a change of the configuration within a second.
  await delay(1_200);
});
afterAll(async () => {
  await Promise.all(hosts.map((host) => host.kill('SIGKILL')));
  await store.connection.dropDatabase();
  await Promise.all([store.close(), receiver.close()]);
});

/** Spreads events of some people over the processes that take in; each person's over both. Every third is sent to both, as a client that retries does. */
async function send(prefix: string, count: number): Promise<string[]> {
  const messageIds = Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
  await Promise.all(messageIds.flatMap((messageId, index) => {
    const body = JSON.stringify({ event: 'Product Viewed', userId: `u-${index % 20}`, messageId });
    const targets = withRole('ingest').filter((_, at) => index % 3 === 0 || index % 2 === at);
    return targets.map(async ({ url }) => {
      // A store that is too slow for so many at once is told by 503, and what was not acknowledged is sent again, as every SDK does.
      const post = () => fetch(`${url}/v1/track`, { method: 'POST', headers: { authorization: `Basic ${btoa(`${writeKey}:`)}`, 'content-type': 'application/json' }, body });
      expect((await until(post, ({ status }) => status !== 503)).status).toBe(200);
    });
  }));
  return messageIds;
}

const delivered = (): Promise<number> => store.collections.deliveries.countDocuments({ state: 'delivered' });
const applied = async (): Promise<string[]> => (await store.collections.events.find({}).toArray()).map(({ record }) => record.messageId).sort();
const pid = (host: HostProcess): number => host.child.pid ?? 0;

it('each process is healthy, and has the routes of its role alone', async () => {
  const ask = async (host: HostProcess | undefined, path: string, init: RequestInit = {}) => (await fetch(`${host?.url}${path}`, init)).status;
  const answers = await Promise.all(hosts.map(async (host, index) => [
    ROLES[index], await ask(host, '/health/live'), await ask(host, '/health/ready'), await ask(host, '/metrics'),
    await ask(host, '/admin/v1/plugins'), await ask(host, '/docs/'), await ask(host, '/dictionary'), await ask(host, '/privacy/main'), await ask(host, '/v1/track', { method: 'POST' }),
  ]));
  expect(answers).toEqual([
    ['admin', 200, 200, 200, 401, 200, 200, 200, 404],
    ['ingest', 200, 200, 200, 404, 404, 404, 404, 401], ['ingest', 200, 200, 200, 404, 404, 404, 404, 401],
    ['worker', 200, 200, 200, 404, 404, 404, 404, 404], ['worker', 200, 200, 200, 404, 404, 404, 404, 404],
  ]);
  for (const host of hosts) {
    const body = (await (await fetch(`${host.url}/health/ready`)).json()) as { details: Record<string, { status: string }> };
    expect(Object.fromEntries(Object.entries(body.details).map(([name, { status }]) => [name, status]))).toEqual({ mongodb: 'up', valkey: 'up', configuration: 'up', running: 'up', confirmations: 'up' });
  }
  expect((await adminClient(withRole('worker')[0]?.url ?? '').get('/balance')).status).toBe(404);
});

it('applies each event once and delivers it once, whoever took it in', async () => {
  const messageIds = await send('m', 300);
  expect(await until(delivered, (count) => count === messageIds.length)).toBe(messageIds.length);
  expect(await applied()).toEqual([...messageIds].sort());
  const { requests, evidence, states } = await readProof(store, destination, receiver.requests);
  expect(states).toEqual({ delivered: messageIds.length });
  expect([...requests.values()]).toEqual(Array(messageIds.length).fill(1));
  expect([...evidence.keys()].sort()).toEqual([...requests.keys()].sort());
  // Read of what most members have: moments later than what each has.
  const body = await until(async () => (await owner.get('/balance')).body, ({ destinations }) => (destinations as { parts: { delivered: number } }[])[0]?.parts.delivered === 300);
  expect(body).toMatchObject({ difference: 0, sources: [{ parts: { applied: 300 } }], destinations: [{ deliveries: 300, parts: { delivered: 300 } }] });
  const [{ received, parts }] = body.sources as [{ received: number; parts: { duplicate: number } }];
  // A hundred were sent to both; what was sent again may have been stored already.
  expect(parts.duplicate).toBeGreaterThanOrEqual(100);
  expect(received).toBe(300 + parts.duplicate);
});

it('a worker that is killed at its work is replaced by the other one within 15 s', async () => {
  receiver.script({ times: Number.POSITIVE_INFINITY, delayMs: 60 });
  const before = await applied();
  const messageIds = await send('k', 400);
  const arrived = receiver.requests.length;
  await until(() => receiver.requests.length, (count) => count > arrived + 20);
  const [killed, left] = await byWorkAtLane();
  await killed.kill('SIGKILL');
  const killedAt = Date.now();
  expect(await store.collections.deliveries.countDocuments({ state: 'pending' }) + await store.collections.inbox.countDocuments({})).toBeGreaterThan(0);
  await delay(100);
  const atKill = receiver.requests.length;
  expect(await until(() => receiver.requests.length, (count) => count > atKill)).toBeGreaterThan(atKill);
  expect(Date.now() - killedAt).toBeLessThan(15_000);
  expect(await until(delivered, (count) => count === before.length + messageIds.length)).toBe(before.length + messageIds.length);
  expect(await applied()).toEqual([...before, ...messageIds].sort());
  const { requests, evidence } = await readProof(store, destination, receiver.requests);
  expect(requests.size).toBe(before.length + messageIds.length);
  expect([...requests].filter(([id, count]) => count > (evidence.get(id) ?? 0))).toEqual([]);
  expect((await owner.get('/balance')).body).toMatchObject({ difference: 0 });
  expect((await fetch(`${left.url}/health/ready`)).status).toBe(200);
});

/** The worker that works the lane comes first: while it stands still, nothing arrives. */
async function byWorkAtLane(): Promise<[HostProcess, HostProcess]> {
  const [one, other] = withRole('worker') as [HostProcess, HostProcess];
  process.kill(pid(one), 'SIGSTOP');
  await delay(300);
  const arrived = receiver.requests.length;
  await delay(600);
  const isAtWork = receiver.requests.length === arrived;
  process.kill(pid(one), 'SIGCONT');
  return isAtWork ? [one, other] : [other, one];
}
