import { setTimeout as delay } from 'node:timers/promises';
import { connectStore, createConfigurationRepository, migrate, type ConnectedStore } from '@firsthand/persistence';
import { startOwnMongo, type OwnServer } from '../support/own-server.js';
import { row } from '../support/store-rows.js';

const lines: string[] = [];
const log = { info: (_: object, message: string) => lines.push(message), warn: (_: object, message: string) => lines.push(message) };
let mongo: OwnServer;
let connected: ConnectedStore;

beforeAll(async () => {
  mongo = await startOwnMongo();
  connected = await connectStore({ uri: mongo.url, log });
  await migrate(connected.connection);
});
afterAll(async () => {
  await connected.close();
  await mongo.remove();
});

async function timed(work: Promise<unknown>): Promise<{ error: unknown; ms: number }> {
  const startedAt = performance.now();
  const error: unknown = await work.then(() => undefined, (thrown: unknown) => thrown);
  return { error, ms: performance.now() - startedAt };
}

async function until(isSo: () => boolean, limitMs = 30_000): Promise<void> {
  const end = performance.now() + limitMs;
  while (!isSo()) {
    if (performance.now() > end) throw new Error(`it did not come about in time; the log: ${lines.join(', ')}`);
    await delay(20);
  }
}

const unavailable = { code: 'UNAVAILABLE', retryAfterSeconds: 1 };

it('says UNAVAILABLE within 5 s while MongoDB is frozen, and goes on when it is back', async () => {
  const { inbox } = connected.store;
  await inbox.append([row.inbox('before')]);
  await mongo.freeze();
  const { error, ms } = await timed(inbox.append([row.inbox('frozen')]));
  mongo.thaw();
  expect(error).toMatchObject(unavailable);
  expect(ms).toBeLessThan(5_000);
  await inbox.append([row.inbox('after')]);
});

it('says UNAVAILABLE within 5 s while MongoDB is gone, keeps what it acknowledged, and needs no restart of its own', async () => {
  const { store, connection } = connected;
  await store.inbox.append([row.inbox('acknowledged')]);
  await mongo.kill();
  const answers = await Promise.all([
    timed(store.inbox.append([row.inbox('refused')])),
    timed(store.transaction((t) => t.findEventIds(['acme|x']))),
    timed(createConfigurationRepository(connection).readVersions()),
    timed(connected.serverTime()),
    timed(store.inbox.claim({ now: 1, leaseMs: 1, maxRecords: 1 })),
    timed(store.findDueLanes(1)),
  ]);
  for (const { error, ms } of answers) {
    expect(error).toMatchObject(unavailable);
    expect(ms).toBeLessThan(5_000);
  }
  await until(() => lines.at(-1) === 'MongoDB does not answer');
  await mongo.restart();
  await connected.serverTime();
  await store.inbox.append([row.inbox('later')]);
  const ids = (await connected.collections.inbox.find().toArray()).map(({ _id }) => _id);
  expect(ids).toEqual(expect.arrayContaining(['acme|before', 'acme|after', 'acme|acknowledged', 'acme|later']));
  await until(() => lines.at(-1) === 'MongoDB answers again');
  // One line when it goes and one when it is back, whatever happened in between.
  expect(lines.map((line, i) => line === lines[i - 1])).not.toContain(true);
});

it('refuses to connect where nothing answers', async () => {
  const { error, ms } = await timed(connectStore({ uri: 'mongodb://127.0.0.1:1/?replicaSet=rs0', log }));
  expect(error).toMatchObject(unavailable);
  expect(ms).toBeLessThan(5_000);
});
