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
  const analytics = new Analytics({ writeKey: secretKey, host: host.url, flushAt: 4 });
  analytics.identify({ userId: 'u-1', traits: { email: 'ana@example.com' } });
  analytics.track({ userId: 'u-1', event: 'Order Completed', properties: { order_id: 'o-1' } });
  analytics.page({ anonymousId: 'a-1', name: 'Home' });
  analytics.screen({ anonymousId: 'a-1', name: 'Home' });
  analytics.group({ userId: 'u-1', groupId: 'g-1' });
  analytics.alias({ userId: 'u-1', previousId: 'a-1' });
  await analytics.closeAndFlush();
  const records = await storedOnceThereAre(6);
  expect(typesOf(records)).toEqual(['alias', 'group', 'identify', 'page', 'screen', 'track']);
  expect(records.map(({ fault, isVerified }) => [fault, isVerified])).toEqual(Array(6).fill([null, true]));
});

it("takes RudderStack's Node SDK, pointed here by its data plane URL", async () => {
  const RudderAnalytics = require('@rudderstack/rudder-sdk-node') as new (key: string, options: object) => Record<'track' | 'identify' | 'page' | 'screen' | 'group' | 'alias', (call: object) => void> & { flush(): Promise<unknown> };
  const analytics = new RudderAnalytics(secretKey, { dataPlaneUrl: host.url, flushAt: 6, logLevel: 'error' });
  analytics.identify({ userId: 'u-2', traits: { email: 'bo@example.com' } });
  analytics.track({ userId: 'u-2', event: 'Product Viewed' });
  analytics.page({ userId: 'u-2', name: 'Home' });
  analytics.screen({ userId: 'u-2', name: 'Home' });
  analytics.group({ userId: 'u-2', groupId: 'g-1' });
  analytics.alias({ userId: 'u-2', previousId: 'a-2' });
  await analytics.flush().catch(() => undefined);
  const records = await storedOnceThereAre(6);
  expect(typesOf(records)).toEqual(['alias', 'group', 'identify', 'page', 'screen', 'track']);
  expect(records.map(({ fault }) => fault)).toEqual(Array(6).fill(null));
});
