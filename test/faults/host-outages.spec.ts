import { setTimeout as delay } from 'node:timers/promises';
import { startOwnMongo, startOwnValkey, type OwnServer } from '../support/own-server.js';
import { startHost, type TestHost } from '../support/start-host.js';

let mongo: OwnServer;
let valkey: OwnServer;
let host: TestHost;
let writeKey: string;

beforeAll(async () => {
  [mongo, valkey] = await Promise.all([startOwnMongo(), startOwnValkey()]);
  host = await startHost({ env: { MONGODB_URI: mongo.url, REDIS_URL: valkey.url } });
  ({ writeKey } = await host.seed.source({ pluginId: 'web', capability: 'events' }));
});
afterAll(async () => {
  await host.stop();
  await Promise.all([mongo.remove(), valkey.remove()]);
});

async function track(messageId: string): Promise<{ status: number; retryAfter: string | null; ms: number }> {
  const startedAt = performance.now();
  const response = await fetch(`${host.url}/v1/track`, {
    method: 'POST', headers: { authorization: `Basic ${btoa(`${writeKey}:`)}`, 'content-type': 'application/json' },
    body: JSON.stringify({ event: 'Product Viewed', userId: 'u-1', messageId }),
  });
  await response.text();
  return { status: response.status, retryAfter: response.headers.get('retry-after'), ms: performance.now() - startedAt };
}

async function untilTaken(messageId: string): Promise<number> {
  const deadline = Date.now() + 15_000;
  let status = 503;
  while (status !== 200 && Date.now() < deadline) {
    await delay(100);
    ({ status } = await track(messageId));
  }
  return status;
}

async function untilApplied(count: number): Promise<number> {
  const deadline = Date.now() + 20_000;
  let applied = 0;
  while (applied < count && Date.now() < deadline) {
    await delay(100);
    applied = await host.connected.collections.events.countDocuments({});
  }
  return applied;
}

it('takes data in while Valkey is away, says that it is degraded, and applies it all the same', async () => {
  await valkey.kill();
  for (let index = 0; index < 5; index += 1) expect(await track(`without-valkey-${index}`)).toMatchObject({ status: 200 });
  const ready = await fetch(`${host.url}/health/ready`);
  expect({ status: ready.status, body: ((await ready.json()) as { status: string }).status }).toEqual({ status: 200, body: 'degraded' });
  await valkey.restart();
  expect(await untilApplied(5)).toBe(5);
});

it.each([['frozen', (): Promise<void> => mongo.freeze(), async (): Promise<void> => mongo.thaw()], ['gone', (): Promise<void> => mongo.kill(), (): Promise<void> => mongo.restart()]] as const)(
  'answers 503 with Retry-After within 5 s while MongoDB is %s, is not ready, and needs no restart',
  async (what, leave, comeBack) => {
    await leave();
    const answers = await Promise.all(Array.from({ length: 5 }, (_, index) => track(`${what}-${index}`)));
    await delay(1_200);
    const later = await track(`${what}-later`);
    const ready = await fetch(`${host.url}/health/ready`);
    const live = await fetch(`${host.url}/health/live`);
    await comeBack();
    for (const answer of [...answers, later]) {
      expect(answer).toMatchObject({ status: 503, retryAfter: '1' });
      expect(answer.ms).toBeLessThan(5_000);
    }
    // The configuration is too old by then: nobody waits for the database.
    expect(later.ms).toBeLessThan(1_500);
    expect([ready.status, live.status]).toEqual([503, 200]);
    expect(await untilTaken(`${what}-back`)).toBe(200);
  },
);
