import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { launchChromium } from '../support/chromium.js';
import { startHost, type TestHost } from '../support/start-host.js';

const require = createRequire(import.meta.url);
let host: TestHost;
let writeKey: string;
let secretKey: string;

beforeAll(async () => {
  host = await startHost({ env: { FIRSTHAND_ROLES: 'ingest' } });
  ({ writeKey, secretKey } = await host.seed.source({ pluginId: 'web', capability: 'events', id: 'site' }));
});
afterAll(() => host.stop());

const basic = (key: string) => ({ authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}` });

describe('what it asks its control plane for', () => {
  it.each([
    ['with Basic auth', () => fetch(`${host.url}/v1/sourceConfig/?p=npm&v=3.0.0`, { headers: basic(writeKey) })],
    ['with the key in the query', () => fetch(`${host.url}/v1/sourceConfig?writeKey=${writeKey}`)],
  ])('is answered %s: a source without destinations, and no telemetry', async (_how, ask) => {
    const response = await ask();
    expect([response.status, response.headers.get('access-control-allow-origin'), response.headers.get('cache-control')]).toEqual([200, '*', 'no-cache']);
    const { source } = (await response.json()) as { source: object };
    expect(source).toMatchObject({ id: 'site', enabled: true, workspaceId: host.workspaceId, destinations: [], config: { statsCollection: { errors: { enabled: false }, metrics: { enabled: false } } } });
  });

  it.each([['a secret key', () => secretKey], ['a wrong key', () => `pk_${'x'.repeat(43)}`], ['no key', () => '']])('is not answered to %s', async (_what, key) => {
    const response = await fetch(`${host.url}/v1/sourceConfig/`, { headers: basic(key()) });
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([401, 'UNAUTHENTICATED']);
  });
});

describe("RudderStack's browser SDK", () => {
  let shop: Server;
  afterAll(() => shop.close());

  it('is taken in a page, pointed here by its own options, and talks to nobody else', async () => {
    const script = readFileSync(require.resolve('@rudderstack/analytics-js/bundled').replace(/cjs\/index\.cjs$/, 'umd/index.js'));
    shop = createServer((request, response) => {
      if (request.url === '/sdk.js') response.setHeader('content-type', 'text/javascript').end(script);
      else response.setHeader('content-type', 'text/html').end('<!doctype html><link rel="icon" href="data:,"><title>Shop</title><script src="/sdk.js"></script>');
    });
    await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve));
    const shopUrl = `http://127.0.0.1:${(shop.address() as AddressInfo).port}`;
    const browser = await launchChromium();
    try {
      const page = await browser.newPage();
      const origins = new Set<string>();
      page.on('request', (request) => void (request.url().startsWith('http') && origins.add(new URL(request.url()).origin)));
      await page.goto(`${shopUrl}/`);
      await page.evaluate(({ key, url }) => {
        type Sdk = { load(key: string, dataPlaneUrl: string, options: object): void; page(name: string): void; track(event: string, properties: object): void; identify(id: string, traits: object): void };
        const { RudderAnalytics } = (globalThis as unknown as { rudderanalytics: { RudderAnalytics: new () => Sdk } }).rudderanalytics;
        const analytics = new RudderAnalytics();
        analytics.load(key, url, { configUrl: `${url}/v1` });
        analytics.page('Home');
        analytics.track('Product Viewed', { product_id: 'sku-1' });
        analytics.identify('u-4', { email: 'di@example.com' });
      }, { key: writeKey, url: host.url });
      const records = await storedOnceThereAre(3);
      expect(records.map(({ record }) => record?.type).sort()).toEqual(['identify', 'page', 'track']);
      expect(records.every(({ fault, isVerified }) => fault === null && !isVerified)).toBe(true);
      expect([...origins].sort()).toEqual([shopUrl, host.url].sort());
    } finally {
      await browser.close();
    }
  });
});

interface StoredRecord { record: { type: string } | null; fault: unknown; isVerified: boolean }

async function storedOnceThereAre(count: number): Promise<StoredRecord[]> {
  const deadline = Date.now() + 15_000;
  for (;;) {
    const documents = await host.connected.collections.inbox.find({}).toArray();
    const records = documents.flatMap(({ records: text }) => JSON.parse(text) as StoredRecord[]);
    if (records.length >= count || Date.now() > deadline) return records;
    await delay(50);
  }
}
