import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connectStore, createConfigurationRepository, type ConnectedStore } from '@firsthand/persistence';
import { startOwnMongo, type OwnServer } from '../support/own-server.js';
import { createSeed, type Seed } from '../support/seed.js';
import { testEnvironment } from '../support/start-host.js';
import { startHostProcess, type HostProcess } from '../support/start-host-process.js';
import { untilKnown } from '../support/until-known.js';
import { until } from '../support/until.js';

const MAIN = fileURLToPath(new URL('../../apps/host/dist/main.js', import.meta.url));
const started: HostProcess[] = [];
const start = async (): Promise<HostProcess> => {
  const host = await startHostProcess({ databaseName, env: { MONGODB_URI: mongo.url } });
  started.push(host);
  return host;
};
const databaseName = `test_${randomUUID().slice(0, 8)}`;
const quiet = { info: () => undefined, warn: () => undefined };
let mongo: OwnServer;
let store: ConnectedStore;
let seed: Seed;

beforeAll(async () => {
  mongo = await startOwnMongo();
  store = await connectStore({ uri: mongo.url, databaseName, log: quiet });
  // What a killed process leaves open holds its rows for so long; MongoDB's own default is a minute.
  await store.connection.getClient().db('admin').command({ setParameter: 1, transactionLifetimeLimitSeconds: 3 });
  const secretKey = Buffer.from((await testEnvironment(databaseName)).FIRSTHAND_SECRET_KEY ?? '', 'base64');
  seed = createSeed({ repository: createConfigurationRepository(store.connection), refresh: () => Promise.resolve(), workspaceId: 'main', secretKey });
});
afterAll(async () => {
  await Promise.all(started.map((host) => host.kill('SIGKILL')));
  await store.close();
  await mongo.remove();
});

async function sourceOf(host: HostProcess): Promise<string> {
  const { writeKey } = await seed.source({ pluginId: 'web', capability: 'events' });
  await untilKnown(host.url, writeKey);
  return writeKey;
}

const track = (url: string, writeKey: string, messageId: string): Promise<number> =>
  fetch(`${url}/v1/track`, { method: 'POST', headers: { authorization: `Basic ${btoa(`${writeKey}:`)}`, 'content-type': 'application/json' }, body: JSON.stringify({ event: 'Product Viewed', userId: messageId, messageId }) })
    .then(({ status }) => status, () => 0);

it('says what is missing in the environment and ends with 1', () => {
  const { status, stderr } = spawnSync(process.execPath, [MAIN], { env: { PATH: process.env.PATH, REDIS_URL: 'x' }, encoding: 'utf8' });
  expect(status).toBe(1);
  expect(stderr.split('\n').map((line) => line.split(' ')[0])).toEqual(expect.arrayContaining(['firsthand:', 'REDIS_URL', 'FIRSTHAND_SECRET_KEY', 'FIRSTHAND_TOKEN_SECRET']));
});

it('answers the request under way before it ends at SIGTERM, and takes no more', async () => {
  const host = await start();
  const writeKey = await sourceOf(host);
  const body = JSON.stringify({ event: 'Product Viewed', userId: 'u', messageId: 'slow', writeKey });
  const socket = connect(Number(new URL(host.url).port), '127.0.0.1');
  let answer = '';
  socket.on('data', (chunk: Buffer) => void (answer += chunk.toString()));
  socket.write(`POST /v1/track HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body.slice(0, 20)}`);
  await delay(200);
  const ended = host.kill('SIGTERM');
  await delay(300);
  expect(await track(host.url, writeKey, 'late')).toBe(0);
  socket.write(body.slice(20));
  expect(await ended).toEqual({ code: 0, signal: null });
  expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*connection: close\r\n/i);
  expect(await store.collections.inbox.countDocuments({}) + await store.collections.events.countDocuments({})).toBe(1);
});

it('loses nothing that it acknowledged when it is killed', async () => {
  const host = await start();
  const writeKey = await sourceOf(host);
  const acknowledged: string[] = [];
  const send = async (worker: number): Promise<void> => {
    for (let index = 0; index < 200; index += 1) {
      const messageId = `k-${worker}-${index}`;
      if ((await track(host.url, writeKey, messageId)) !== 200) return;
      acknowledged.push(messageId);
    }
  };
  const senders = Array.from({ length: 10 }, (_, worker) => send(worker));
  expect(await until(() => acknowledged.length, (count) => count > 50)).toBeGreaterThan(50);
  await host.kill('SIGKILL');
  await Promise.all(senders);

  const next = await start();
  const deadline = Date.now() + 25_000;
  while ((await store.collections.inbox.countDocuments({})) > 0 && Date.now() < deadline) await delay(100);
  const applied = new Set((await store.collections.events.find({}).toArray()).map(({ record }) => record.messageId));
  expect(await store.collections.inbox.countDocuments({})).toBe(0);
  expect(acknowledged.filter((messageId) => !applied.has(messageId))).toEqual([]);
  expect(await next.kill('SIGTERM')).toEqual({ code: 0, signal: null });
});
