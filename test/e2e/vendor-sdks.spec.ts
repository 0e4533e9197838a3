import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { launchChromium } from '../support/chromium.js';
import { startHost, type TestHost } from '../support/start-host.js';

const require = createRequire(import.meta.url);
let host: TestHost;
let writeKey: string;
let secretKey: string;

beforeAll(async () => {
  host = await startHost({ env: { FIRSTHAND_ROLES: 'ingest' } });
  ({ writeKey, secretKey } = await host.seed.source({ pluginId: 'web', capability: 'events' }));
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

describe("Segment's browser SDK", () => {
  let browser: Browser;
  let shop: Server;
  beforeAll(async () => {
    browser = await launchChromium();
    const script = readFileSync(require.resolve('@segment/analytics-next/dist/umd/index.js'));
    shop = createServer((request, response) => {
      if (request.url === '/sdk.js') response.setHeader('content-type', 'text/javascript').end(script);
      else response.setHeader('content-type', 'text/html').end('<!doctype html><title>Shop</title><script src="/sdk.js"></script>');
    });
    await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    await browser.close();
    shop.close();
  });

  it.each([['one by one', undefined], ['in batches', { strategy: 'batching', config: { size: 10, timeout: 200 } }]])('is taken %s, with its settings from here', async (_how, deliveryStrategy) => {
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on('console', (message) => void (message.type() === 'error' && errors.push(message.text())));
    await page.goto(`http://127.0.0.1:${(shop.address() as AddressInfo).port}/`);
    await page.evaluate(
      async ({ key, cdnURL, strategy }) => {
        const sdk = (globalThis as unknown as { AnalyticsNext: { AnalyticsBrowser: { load(settings: object, options: object): { page(name: string): Promise<unknown>; track(event: string, properties: object): Promise<unknown>; identify(id: string, traits: object): Promise<unknown> } } } }).AnalyticsNext;
        const analytics = sdk.AnalyticsBrowser.load({ writeKey: key, cdnURL }, strategy === undefined ? {} : { integrations: { 'Segment.io': { deliveryStrategy: strategy } } });
        await analytics.page('Home');
        await analytics.track('Product Viewed', { product_id: 'sku-1' });
        await analytics.identify('u-3', { email: 'cy@example.com' });
      },
      { key: writeKey, cdnURL: host.url, strategy: deliveryStrategy },
    );
    const records = await storedOnceThereAre(3);
    expect(typesOf(records)).toEqual(['identify', 'page', 'track']);
    expect(records.every(({ fault, isVerified }) => fault === null && !isVerified)).toBe(true);
    expect(errors).toEqual([]);
    await page.close();
  });
});
