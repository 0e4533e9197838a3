import { createRequire } from 'node:module';
import { setTimeout as delay } from 'node:timers/promises';
import { startHost, type TestHost } from '../support/start-host.js';

const require = createRequire(import.meta.url);
let host: TestHost;
let secretKey: string;

beforeAll(async () => {
  host = await startHost({ env: { FIRSTHAND_ROLES: 'ingest' } });
  ({ secretKey } = await host.seed.source({ pluginId: 'web', capability: 'events' }));
});
afterAll(() => host.stop());
beforeEach(() => host.connected.collections.inbox.deleteMany({}));

interface StoredRecord { raw: { type: string; event?: string }; record: { type: string; identities: { namespace: string; value: string }[] } | null; fault: unknown; isVerified: boolean }

async function storedOnceThereAre(count: number): Promise<StoredRecord[]> {
  const deadline = Date.now() + 15_000;
  for (;;) {
    const documents = await host.connected.collections.inbox.find({}).toArray();
    const records = documents.flatMap(({ records: text }) => JSON.parse(text) as StoredRecord[]);
    if (records.length >= count || Date.now() > deadline) return records;
    await delay(50);
  }
}

const typesOf = (records: StoredRecord[]) => records.map(({ record }) => record?.type).sort();

it("takes Segment's Node SDK, pointed here by its host", async () => {
  const { Analytics } = require('@segment/analytics-node') as typeof import('@segment/analytics-node');
  const analytics = new Analytics({ writeKey: secretKey, host: host.url, flushAt: 3 });
  analytics.identify({ userId: 'u-1', traits: { email: 'ana@example.com' } });
  analytics.track({ userId: 'u-1', event: 'Order Completed', properties: { order_id: 'o-1' } });
  analytics.page({ anonymousId: 'a-1', name: 'Home' });
  analytics.group({ userId: 'u-1', groupId: 'g-1' });
  await analytics.closeAndFlush();
  const records = await storedOnceThereAre(4);
  expect(typesOf(records)).toEqual(['group', 'identify', 'page', 'track']);
  expect(records.map(({ fault, isVerified }) => [fault, isVerified])).toEqual(Array(4).fill([null, true]));
});

it("takes RudderStack's Node SDK, pointed here by its data plane URL", async () => {
  const RudderAnalytics = require('@rudderstack/rudder-sdk-node') as new (key: string, options: object) => { track(call: object): void; identify(call: object): void; flush(): Promise<unknown> };
  const analytics = new RudderAnalytics(secretKey, { dataPlaneUrl: host.url, flushAt: 2, logLevel: 'error' });
  analytics.identify({ userId: 'u-2', traits: { email: 'bo@example.com' } });
  analytics.track({ userId: 'u-2', event: 'Product Viewed' });
  await analytics.flush().catch(() => undefined);
  expect(typesOf(await storedOnceThereAre(2))).toEqual(['identify', 'track']);
});
