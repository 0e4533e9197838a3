import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import type { CanonicalRecord, SignalDecision } from '@firsthand/domain';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../support/chromium.js';
import { startHost, type TestHost } from '../support/start-host.js';
import { until } from '../support/until.js';

const require = createRequire(import.meta.url);
/** Categories of the shop's consent tool, by the purposes that they stand for. */
const CATEGORIES = { C0002: 'analytics', C0004: 'marketing' };
const BATCHING = { strategy: 'batching', config: { size: 3, timeout: 10_000 } };
let host: TestHost;
let browser: Browser;
let shop: Server;
let shopUrl: string;
let writeKey: string;
let page: Page;
let errors: string[];
/** Calls that the page made to anybody but the shop, as method and path with the origin cut off where it is ours. */
let calls: string[];

beforeAll(async () => {
  [host, browser] = await Promise.all([startHost({ env: { FIRSTHAND_ROLES: 'ingest' } }), launchChromium()]);
  for (const purpose of Object.values(CATEGORIES)) await host.seed.purpose(purpose);
  const agreementId = await host.seed.agreement(Object.values(CATEGORIES));
  ({ writeKey } = await host.seed.source({ pluginId: 'web', capability: 'events', agreementId, collectionPurpose: 'analytics', consentCategories: CATEGORIES,
    consentSignals: [{ signal: 'gpc', purpose: 'marketing', recipients: ['own', 'processor', 'third-party'] }, { signal: 'tcf', purposes: [1], vendor: null, purpose: 'marketing', recipients: ['own'] }] }));
  const script = readFileSync(require.resolve('@segment/analytics-next/dist/umd/index.js'));
  shop = createServer((request, response) => {
    if (request.url === '/sdk.js') response.setHeader('content-type', 'text/javascript').end(script);
    else response.setHeader('content-type', 'text/html').end('<!doctype html><link rel="icon" href="data:,"><title>Shop</title><script src="/sdk.js"></script>');
  });
  await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve));
  shopUrl = `http://127.0.0.1:${(shop.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await browser.close();
  shop.close();
  await host.stop();
});
beforeEach(async () => {
  await host.connected.collections.inbox.deleteMany({});
  page = await browser.newPage();
  errors = [];
  calls = [];
  page.on('console', (message) => void (message.type() === 'error' && errors.push(message.text())));
  page.on('pageerror', ({ message }) => errors.push(message));
  page.on('request', (request) => void (request.method() !== 'OPTIONS' && request.url().startsWith('http') && !request.url().startsWith(shopUrl) && calls.push(`${request.method()} ${request.url().replace(host.url, '')}`)));
  await page.goto(`${shopUrl}/shoes?utm_source=letter`);
});
afterEach(async () => {
  await page.close();
  expect(errors).toEqual([]);
});

interface Stored { raw: unknown; record: CanonicalRecord | null; fault: unknown; refusal: string | null; isVerified: boolean; signals?: SignalDecision[] }

async function stored(count: number): Promise<Stored[]> {
  const read = async () => (await host.connected.collections.inbox.find({}).toArray()).flatMap(({ records }) => JSON.parse(records) as Stored[]);
  return until(read, ({ length }) => length >= count);
}

interface Analytics {
  page(name: string): Promise<unknown>;
  track(event: string, properties: object, options?: object): Promise<unknown>;
  identify(id: string, traits: object): Promise<unknown>;
  addSourceMiddleware(middleware: (call: { payload: { obj: { context?: object } }; next(payload: unknown): void }) => void): Promise<unknown>;
}
declare const AnalyticsNext: { AnalyticsBrowser: { load(settings: object, options: object): Analytics } };

/** Loads the SDK as a shop does, pointed here by its own options, and makes the calls of one visit. `preferences` are what a consent tool stamps on each. */
function visit(options: { strategy?: object; preferences?: Record<string, boolean> } = {}): Promise<void> {
  return page.evaluate(async ({ key, cdnURL, strategy, preferences }) => {
    const analytics = AnalyticsNext.AnalyticsBrowser.load({ writeKey: key, cdnURL }, strategy === undefined ? {} : { integrations: { 'Segment.io': { deliveryStrategy: strategy } } });
    if (preferences !== undefined) {
      await analytics.addSourceMiddleware(({ payload, next }) => {
        payload.obj.context = { ...payload.obj.context, consent: { categoryPreferences: preferences } };
        next(payload);
      });
    }
    await analytics.page('Home');
    await analytics.identify('u-3', { email: 'cy@example.com' });
    await analytics.track('Product Viewed', { product_id: 'sku-1' });
  }, { key: writeKey, cdnURL: host.url, ...options });
}

const byType = (records: readonly Stored[]): [string | undefined, Stored][] => records.map((each): [string | undefined, Stored] => [each.record?.type, each]).sort(([one], [other]) => (String(one) < String(other) ? -1 : 1));

it('sends its page load, an identify and a track one by one, and talks to nobody else', async () => {
  await visit();
  const records = byType(await stored(3));
  expect(records.map(([type]) => type)).toEqual(['identify', 'page', 'track']);
  expect(records.map(([, { fault, refusal, isVerified }]) => [fault, refusal, isVerified])).toEqual(Array(3).fill([null, null, false]));
  expect(calls.filter((call) => call.startsWith('POST')).sort()).toEqual(['POST /v1/i', 'POST /v1/p', 'POST /v1/t']);
  expect(calls.filter((call) => !call.startsWith('POST'))).toEqual([`GET /v1/projects/${writeKey}/settings`]);
  const [identify, viewed, track] = records.map(([, { record }]) => record);
  expect(viewed).toMatchObject({ name: 'Page Viewed', properties: { name: 'Home', url: `${shopUrl}/shoes?utm_source=letter`, title: 'Shop' } });
  expect(identify).toMatchObject({ profile: { email: 'cy@example.com' }, identities: expect.arrayContaining([{ namespace: 'userId', value: 'u-3' }]) });
  expect(track).toMatchObject({ name: 'Product Viewed', identities: expect.arrayContaining([{ namespace: 'userId', value: 'u-3' }]) });
  const devices = records.map(([, { record }]) => record?.identities.find(({ namespace }) => namespace === 'anonymousId')?.value);
  expect(new Set(devices).size).toBe(1);
  expect(devices[0]).toMatch(/^[0-9a-f-]{36}$/);
});

it('sends them in one batch when it is told to', async () => {
  await visit({ strategy: BATCHING });
  const records = byType(await stored(3));
  expect(records.map(([type]) => type)).toEqual(['identify', 'page', 'track']);
  expect(records.every(([, { fault, refusal }]) => fault === null && refusal === null)).toBe(true);
  expect(calls.filter((call) => call.startsWith('POST'))).toEqual(['POST /v1/b']);
  expect(new Set(records.map(([, { record }]) => record?.messageId)).size).toBe(3);
});

it.each([['one by one', undefined], ['in a batch', BATCHING]])("carries the visitor's choices with every call %s, by the purposes that they stand for", async (_how, strategy) => {
  await visit({ preferences: { C0002: true, C0004: false }, ...(strategy === undefined ? {} : { strategy }) });
  const records = byType(await stored(3));
  expect(records.map(([type, { refusal, record }]) => [type, refusal, record?.consents])).toEqual(['identify', 'page', 'track'].map((type) => [type, null, { analytics: true, marketing: false }]));
});

it('of a visitor who refuses collection nothing is kept but the refusal', async () => {
  await visit({ preferences: { C0002: false, C0004: false } });
  const records = byType(await stored(3));
  expect(records.map(([type, { refusal, raw, record }]) => [type, refusal, raw, record?.consents])).toEqual(['identify', 'page', 'track'].map((type) => [type, 'consent-denied', null, { analytics: false, marketing: false }]));
  expect(records.map(([, { record }]) => [record?.profile, record?.properties])).toEqual(Array(3).fill([{}, {}]));
});

it('takes the opt-out that a browser sends in its header for each message of a request, and counts what nobody can read', async () => {
  const call = (path: string, body: object, headers: Record<string, string> = {}) => fetch(`${host.url}/v1/${path}`, { method: 'POST', body: JSON.stringify({ writeKey, ...body }), headers: { 'content-type': 'application/json', ...headers } });
  const message = { type: 'track', event: 'Product Viewed', anonymousId: 'a-1', context: { consent: { categoryPreferences: { C0002: true } } } };
  await call('track', message, { 'sec-gpc': '1' });
  await call('batch', { batch: [message, { ...message, context: null }] }, { 'sec-gpc': '1' });
  await call('track', message, { 'sec-gpc': '0' });
  await call('track', { ...message, context: { ...message.context, tcString: 'broken' } });
  const records = await stored(5);
  const optOut = [{ purpose: 'marketing', recipients: ['own', 'processor', 'third-party'], decision: 'denied', method: 'gpc', decidedBefore: null }];
  expect(records.filter(({ signals }) => signals?.[0]?.decision === 'denied').map(({ signals, raw }) => [signals, (raw as { context: { gpc: boolean } }).context.gpc])).toEqual(Array(3).fill([optOut, true]));
  expect(records.filter(({ signals }) => signals?.[0]?.decision === 'unreadable').map(({ record }) => record?.flags)).toEqual([['consent-unreadable:tcf']]);
  expect(records.filter(({ signals }) => signals === undefined).length).toBe(1);
  expect(await (await fetch(`${host.url}/metrics`)).text()).toContain('firsthand_unreadable_consents_total{signal="tcf"} 1');
});
