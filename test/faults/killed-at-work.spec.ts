import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connectStore, createConfigurationRepository, deliveriesInFlight, type ConnectedStore } from '@firsthand/persistence';
import { logIn, type AdminClient } from '../support/admin-client.js';
import { countWaiting } from '../support/count-waiting.js';
import { readProof } from '../support/delivered-proof.js';
import { startFakeWebhookReceiver, type FakeWebhookReceiver } from '../support/fake-webhook-receiver.js';
import { startOwnMongo, type OwnServer } from '../support/own-server.js';
import { createSeed, type Seed } from '../support/seed.js';
import { seededRandom } from '../support/seeded-random.mjs';
import { testEnvironment } from '../support/start-host.js';
import { startHostProcess, type HostProcess } from '../support/start-host-process.js';
import { until } from '../support/until.js';
import { FAULT_SEED, SEED_NOTE } from './harness/fault-seed.js';

const SENDERS = 8;
/** Of one request after the other by a sender. */
const PAUSE_MS = 10;
const ANSWER_AFTER_MS = 15;
/** In the middle of sends, of applying while a dead holder's lease keeps the lane closed, and of sends that go on after it. */
const KILLED = ['delivering', 'applying', 'delivering'] as const;

const databaseName = `test_${randomUUID().slice(0, 8)}`;
const random = seededRandom(FAULT_SEED);
let mongo: OwnServer;
let store: ConnectedStore;
let receiver: FakeWebhookReceiver;
let host: HostProcess;
let writeKey: string;
let destination: string;
let seed: Seed;
/** At which point of `harness/crash-points.mjs` the next host dies. */
const orders = join(process.env.FIRSTHAND_TEST_DIR ?? tmpdir(), `crash-orders-${databaseName}`);

const start = async (roles = 'ingest,admin,worker'): Promise<void> => {
  host = await startHostProcess({ databaseName, env: { MONGODB_URI: mongo.url, FIRSTHAND_ROLES: roles, CRASH_ORDERS: orders, NODE_OPTIONS: `--import ${new URL('harness/crash-points.mjs', import.meta.url).href}` } });
};

beforeAll(async () => {
  [mongo, receiver] = await Promise.all([startOwnMongo(), startFakeWebhookReceiver()]);
  store = await connectStore({ uri: mongo.url, databaseName, log: { info: () => undefined, warn: () => undefined } });
  // What a killed process leaves open holds its rows for so long; MongoDB's own default is a minute.
  await store.connection.getClient().db('admin').command({ setParameter: 1, transactionLifetimeLimitSeconds: 3 });
  receiver.script({ times: Number.POSITIVE_INFINITY, delayMs: ANSWER_AFTER_MS });
  await start();
  const secretKey = Buffer.from((await testEnvironment(databaseName)).FIRSTHAND_SECRET_KEY ?? '', 'base64');
  seed = createSeed({ repository: createConfigurationRepository(store.connection), refresh: () => delay(0), workspaceId: 'main', secretKey });
  ({ writeKey } = await seed.source({ pluginId: 'web', capability: 'events' }));
  const { url, secret } = receiver.settings;
  destination = await seed.destination({ pluginId: 'webhook', settings: { url }, secrets: { secret }, concurrency: 8 });
  await seed.flow({ purpose: 'service', trigger: { type: 'event', name: 'Product Viewed' }, steps: [{ id: 'send', type: 'deliver', connectionId: destination, action: 'send-event' }] });
  await delay(1_200);
});
afterAll(async () => {
  await host.kill('SIGKILL');
  await store.close();
  await Promise.all([mongo.remove(), receiver.close()]);
  rmSync(orders, { force: true });
});

/** Sends one event after the other, each until it is acknowledged, as an SDK does. */
async function sendUntil(isOver: () => boolean, sender: number, acknowledged: string[]): Promise<void> {
  for (let index = 0; !isOver(); index += 1) {
    const messageId = `m-${sender}-${index}`;
    const body = JSON.stringify({ event: 'Product Viewed', userId: `u-${sender}-${index % 10}`, messageId });
    const post = () => fetch(`${host.url}/v1/track`, { method: 'POST', headers: { authorization: `Basic ${btoa(`${writeKey}:`)}`, 'content-type': 'application/json' }, body }).then(({ status }) => status, () => 0);
    while ((await post()) !== 200) await delay(PAUSE_MS);
    acknowledged.push(messageId);
    await delay(PAUSE_MS);
  }
}

/** Deliveries that the receiver has and whose outcome the store does not: only these may come again. */
async function sentAndUnsettled(): Promise<string[]> {
  const { deliveries, inFlight } = store.collections;
  const pending = [...await deliveries.find({ state: 'pending' }).toArray(), ...(await inFlight.find({}).toArray()).flatMap(deliveriesInFlight)];
  const arrived = new Set(receiver.requests.map(({ headers }) => headers['webhook-id']));
  return pending.map(({ _id }) => _id.slice('main|'.length)).filter((id) => arrived.has(id));
}

async function killWhile(doing: (typeof KILLED)[number]): Promise<string[]> {
  const arrived = receiver.requests.length;
  if (doing === 'delivering') expect(await until(() => receiver.requests.length, (count) => count > arrived)).toBeGreaterThan(arrived);
  await delay(200 + random() * 1_000);
  await host.kill('SIGKILL');
  // What it had written to the wire arrives after it has died.
  await delay(100);
  return sentAndUnsettled();
}

async function logInAsOwner(): Promise<AdminClient> {
  const file = readFileSync((await testEnvironment(databaseName)).FIRSTHAND_FIRST_RUN_FILE ?? '', 'utf8');
  const { ownerEmail, ownerPassword } = JSON.parse(file) as { ownerEmail: string; ownerPassword: string };
  return logIn(host.url, ownerEmail, ownerPassword);
}

it(`loses nothing, doubles nothing and proves everything when it is killed again and again ${SEED_NOTE}`, async () => {
  const acknowledged: string[] = [];
  let isOver = false;
  const senders = Array.from({ length: SENDERS }, (_, sender) => sendUntil(() => isOver, sender, acknowledged));
  const unsettled: string[][] = [];
  for (const doing of KILLED) {
    unsettled.push(await killWhile(doing));
    await start();
  }
  isOver = true;
  await Promise.all(senders);
  expect(await until(() => store.collections.inbox.countDocuments({}), (count) => count === 0)).toBe(0);
  expect(await until(() => countWaiting(store), (count) => count === 0)).toBe(0);
  // What was under way at every kill may have been what killed, and was set apart; whoever knows better takes it up again.
  const owner = await logInAsOwner();
  for (const { _id, reason } of await store.collections.deliveries.find({ state: 'dead' }).toArray()) {
    expect([reason, (await owner.post('/deliveries/replay', { ids: [_id.slice('main|'.length)] })).status]).toEqual(['stalled', 200]);
  }
  expect(await until(() => countWaiting(store), (count) => count === 0)).toBe(0);

  const events = await store.collections.events.find({}).toArray();
  expect(events.map(({ record }) => record.messageId).sort()).toEqual([...acknowledged].sort());
  const { requests, evidence, states } = await readProof(store, destination, receiver.requests);
  expect(states).toEqual({ delivered: acknowledged.length });
  const deliveries = await store.collections.deliveries.find({}).toArray();
  expect(deliveries.map(({ eventId }) => eventId).sort()).toEqual(events.map(({ _id }) => _id).sort());

  // Every one arrived, under its own key alone; again only what was under way at a kill, once more for each.
  expect([...requests.keys()].sort()).toEqual(deliveries.map(({ _id }) => _id.slice('main|'.length)).sort());
  expect(receiver.messages.map(({ data }) => (data.event as { messageId: string }).messageId).sort()).toEqual([...acknowledged].sort());
  const timesUnsettled = (id: string): number => unsettled.filter((ids) => ids.includes(id)).length;
  expect([...requests].filter(([id, count]) => count > 1 + timesUnsettled(id))).toEqual([]);
  expect([...requests].filter(([id, count]) => count > (evidence.get(id) ?? 0))).toEqual([]);

  const { body } = await owner.get('/balance');
  expect(body).toMatchObject({ difference: 0, destinations: [{ connectionId: destination, deliveries: acknowledged.length, parts: { delivered: acknowledged.length } }] });
  const [source] = body.sources as { received: number; parts: Record<string, number> }[];
  expect(source?.parts).toEqual({ applied: acknowledged.length, ...(source?.parts.duplicate === undefined ? {} : { duplicate: source.received - acknowledged.length }) });
  expect(await host.kill('SIGTERM')).toEqual({ code: 0, signal: null });
});

describe('a process that dies while it releases quarantined records', () => {
  const RECORDS = 150;
  /** Its first page is 100 of them. */
  const POINTS = ['claimed', 'taken', 'released'] as const;

  it('leaves each of them to the next one, which releases it once, at whatever point it dies', async () => {
    const till = await seed.source({ pluginId: 'web', capability: 'events', unknownEvents: 'quarantine' });
    await seed.flow({ purpose: 'service', acceptsHistorical: true, trigger: { type: 'event', name: 'Hat Waved' }, steps: [{ id: 'send', type: 'deliver', connectionId: destination, action: 'send-event' }] });
    await start();
    const ids = Array.from({ length: RECORDS }, (_, index) => `waved-${String(index).padStart(3, '0')}`);
    const batch = ids.map((messageId, index) => ({ type: 'track', event: 'Hat Waved', userId: `w-${index % 10}`, messageId }));
    const { status } = await fetch(`${host.url}/v1/batch`, { method: 'POST', headers: { authorization: `Basic ${btoa(`${till.secretKey}:`)}`, 'content-type': 'application/json' }, body: JSON.stringify({ batch }) });
    expect(status).toBe(200);
    const { quarantine, quarantineJobs, events, deliveries } = store.collections;
    expect(await until(() => quarantine.countDocuments({}), (count) => count === RECORDS)).toBe(RECORDS);
    await host.kill('SIGTERM');

    // From its start on each host understands what it is told.
    await seed.change<{ unknownEvents: string }>('connections', till.connectionId, (content) => ({ ...content, unknownEvents: 'accept' }));
    const now = Date.now();
    await store.store.transaction((tx) => tx.insertQuarantineJob({
      jobId: 'main|job', workspaceId: 'main', kind: 'release', selection: {}, connectionIds: null, startsFlows: true, reason: null, perSecond: null, by: { kind: 'user', id: 'u' }, startedAt: now, after: null, counts: {}, dueAt: now + 86_400_000, end: null,
    }));
    // Due from now on, and of nobody: as if the lease of whoever died were over.
    const makeDue = () => quarantineJobs.updateMany({}, { $set: { dueAt: Date.now(), until: 0 } });
    const left: number[] = [];
    for (const point of POINTS) {
      writeFileSync(orders, point);
      await start('worker');
      await makeDue();
      expect([point, await until(() => host.child.signalCode, (signal) => signal !== null)]).toEqual([point, 'SIGKILL']);
      left.push(await quarantine.countDocuments({}));
    }
    // What was not committed is there still; and the last one died behind its first page.
    expect(left).toEqual([RECORDS, RECORDS, RECORDS - 100]);
    writeFileSync(orders, '');
    await start('worker');
    await makeDue();
    expect(await until(() => quarantineJobs.findOne({}), (job) => job?.dueAt === null)).toMatchObject({ counts: { applied: RECORDS }, end: { as: 'done' } });
    expect(await until(() => countWaiting(store), (count) => count === 0)).toBe(0);

    expect((await events.find({ connectionId: till.connectionId }).toArray()).map(({ record }) => record.messageId).sort()).toEqual(ids);
    const sent = receiver.messages.map(({ data }) => (data.event as { messageId: string }).messageId).filter((id) => id.startsWith('waved-'));
    expect(sent.sort()).toEqual(ids);
    const own = await events.find({ connectionId: till.connectionId }, { projection: { _id: 1 } }).toArray();
    expect(await deliveries.countDocuments({ eventId: { $in: own.map(({ _id }) => _id) } })).toBe(RECORDS);
    const entries = await store.collections.ledger.find({ connectionId: till.connectionId }).toArray();
    const total = (key: string): number => entries.reduce((sum, { counts }) => sum + (counts[key] ?? 0), 0);
    expect([total('received'), total('applied'), total('quarantined')]).toEqual([RECORDS, RECORDS, 0]);
  }, 300_000);
});
