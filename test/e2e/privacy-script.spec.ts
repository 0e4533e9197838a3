import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import type { CanonicalRecord, SignalDecision } from '@firsthand/domain';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { AgreementDocument } from '../../apps/host/src/configuration/documents.js';
import { launchChromium } from '../support/chromium.js';
import { startHost, type TestHost } from '../support/start-host.js';
import { until } from '../support/until.js';

const require = createRequire(import.meta.url);
const manual = readFileSync(new URL('../../docs/integrators.md', import.meta.url), 'utf8');
/** What the page tells readers to put into theirs. */
const STUB = /<script>\n([^<]+)<\/script>/u.exec(manual)?.[1] ?? '';
const WITH_SEGMENT = /With Segment's SDK[^`]*```js\n([^`]+)```/u.exec(manual)?.[1] ?? '';
const ANSWERED = 'Segment Consent Preference Updated';
let host: TestHost;
let browser: Browser;
let shop: Server;
let shopUrl: string;
let writeKey: string;
let agreementId: string;
let context: BrowserContext;
let page: Page;
/** What pages complained of. */
let troubles: string[];
/** What a page of a test before has sent once more as it was left comes late. */
let begunAt = 0;
/** Requests to anybody but the shop, as method and path. */
let calls: string[];

const TEXT = { en: 'We count visits and advertise, if you agree.', 'zh-CN': '经您同意，我们会统计访问并投放广告。' };

beforeAll(async () => {
  [host, browser] = await Promise.all([startHost({ env: { FIRSTHAND_ROLES: 'ingest' } }), launchChromium()]);
  const { seed } = host;
  await seed.purpose('analytics', { name: { en: 'Statistics', 'zh-CN': '统计' }, description: { en: 'We count which pages are read.', 'zh-CN': '我们统计哪些页面被阅读。' } });
  await seed.purpose('ads', { name: { en: 'Advertising', 'zh-CN': '广告' }, description: { en: 'We show you our products on other sites.', 'zh-CN': '我们在其他网站上向您展示我们的产品。' } });
  await seed.purpose('orders', { name: { en: 'Orders', 'zh-CN': '订单' }, description: { en: 'We send what you have bought.', 'zh-CN': '我们向您寄送所购商品。' }, lawfulBasis: 'contract' });
  agreementId = await seed.agreement(['analytics', 'ads', 'orders'], { id: 'site' });
  await seed.change<AgreementDocument>('agreements', agreementId, (content) => ({ ...content, versions: content.versions.map((version) => ({ ...version, texts: TEXT, textHashes: hashesOf(TEXT) })) }));
  ({ writeKey } = await seed.source({ pluginId: 'web', capability: 'events', agreementId, collectionPurpose: 'analytics', unknownEvents: 'quarantine', consentCategories: { C0004: 'ads' },
    consentSignals: [{ signal: 'gpc', purpose: 'ads', recipients: ['own', 'processor', 'third-party'] }] }));
  const sdk = readFileSync(require.resolve('@segment/analytics-next/dist/umd/index.js'));
  shop = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://shop');
    if (pathname === '/sdk.js') return response.setHeader('content-type', 'text/javascript').end(sdk);
    if (pathname === '/stub.js') return response.setHeader('content-type', 'text/javascript').end(STUB);
    const isStrict = searchParams.has('strict');
    if (isStrict) response.setHeader('content-security-policy', `default-src 'none'; img-src data:; script-src 'nonce-n1'; connect-src ${host.url}; require-trusted-types-for 'script'; base-uri 'none'`);
    response.setHeader('content-type', 'text/html; charset=utf-8').end(`<!doctype html><html lang="${searchParams.get('lang') ?? 'en'}"><head><meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"><title>Shop</title>${isStrict ? '' : '<style>* { border: 1px solid; font-size: 30px } section { display: none }</style>'}
      ${isStrict ? '<script nonce="n1" src="/stub.js"></script>' : `<script>${STUB}</script>`}${searchParams.has('sdk') ? '<script src="/sdk.js"></script>' : ''}
      <script async nonce="n1" src="${host.url}/privacy.js" data-write-key="${searchParams.get('key') ?? writeKey}" ${searchParams.has('dataLang') ? `data-lang="${searchParams.get('dataLang')}"` : ''} crossorigin="anonymous"></script></head>
      <body><main><h1>Shoes</h1><p>Shoes, boots and more shoes.</p><button id="more" data-firsthand-open>Privacy</button></main></body></html>`);
  });
  // A host that is started as operators start it has bundled the script before it listens.
  await fetch(`${host.url}/privacy.js`);
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
  context = await browser.newContext();
  [troubles, calls] = [[], []];
  begunAt = Date.now();
  page = await newPage();
});
afterEach(() => context.close());

const hashesOf = (texts: Record<string, string>) => Object.fromEntries(Object.entries(texts).map(([language, text]) => [language, createHash('sha256').update(text).digest('hex')]));

async function newPage(): Promise<Page> {
  const made = await context.newPage();
  made.on('console', (message) => void (['error', 'warning'].includes(message.type()) && troubles.push(message.text())));
  made.on('pageerror', ({ message }) => troubles.push(message));
  made.on('request', (request) => void (request.url().startsWith(host.url) && calls.push(`${request.method()} ${request.url().slice(host.url.length).replace(/\?.*/u, '').replace(writeKey, ':key')}`)));
  return made;
}

interface Stored { raw: unknown; record: CanonicalRecord | null; fault: unknown; refusal: string | null; signals?: SignalDecision[] }

/** In the order in which they happened, each once: a page that is left may not know yet that its answer has arrived, and the next one sends it again under the same id. */
async function stored(count: number): Promise<Stored[]> {
  const read = async () => {
    const records = (await host.connected.collections.inbox.find({}).toArray()).flatMap(({ records: text }) => JSON.parse(text) as Stored[]).filter(({ record }) => record === null || record.occurredAt >= begunAt);
    return [...new Map(records.map((one) => [one.record?.messageId, one])).values()].sort((one, other) => (one.record?.occurredAt ?? 0) - (other.record?.occurredAt ?? 0));
  };
  return until(read, ({ length }) => length >= count);
}
const told = (records: readonly Stored[]) => records.map(({ record, refusal, fault }) => [record?.name, record?.consents, refusal ?? fault]).sort(([one], [other]) => (String(one) < String(other) ? -1 : 1));

const notice = (of = page) => of.getByRole('dialog');
const press = (name: string, of = page) => of.getByRole('button', { name, exact: true }).click();
const reopen = (of = page) => press('Privacy choices', of);
interface Api { track(event: string, properties?: object): void; identify(id: string, traits?: object): void; page(name?: string): void; withdraw(): void }
declare const firsthand: Api;
const track = (event: string, of = page) => of.evaluate((name) => firsthand.track(name, { productId: 'sku-1' }), event);
const memory = () => page.evaluate(() => JSON.parse((globalThis as unknown as { localStorage: { getItem(key: string): string | null } }).localStorage.getItem('firsthand-privacy') ?? 'null') as { anonymousId?: string; answer: { choices: object }; unsent: object[] } | null);

async function visit(query = '', of = page): Promise<void> {
  await of.goto(`${shopUrl}/${query}`);
  await of.locator('[lang] >> .open').or(notice(of)).first().waitFor();
}
const posts = () => calls.filter((call) => call.startsWith('POST'));

it('lets nothing go before the answer, and after a yes all of it, with the answer first', async () => {
  const given = page.waitForResponse((response) => response.url().startsWith(`${host.url}/v1/notice?`));
  await visit();
  await page.evaluate(() => {
    firsthand.page('Home');
    firsthand.identify('u-1', { email: 'ana@example.com' });
    firsthand.track('Product Viewed', { productId: 'sku-1' });
  });
  await notice().waitFor();
  await (await given).finished();
  expect([posts(), await memory()]).toEqual([[], null]);
  expect(await page.getByRole('checkbox', { checked: true }).count()).toBe(0);
  await press('Accept all');
  const records = await stored(4);
  const yes = { analytics: true, ads: true };
  expect(told(records)).toEqual([['Page Viewed', yes, null], ['Product Viewed', yes, null], [ANSWERED, yes, null], ['Profile Updated', yes, null]].sort(([one], [other]) => (String(one) < String(other) ? -1 : 1)));
  const ids = records.map(({ record }) => record?.identities.find(({ namespace }) => namespace === 'anonymousId')?.value);
  expect(new Set(ids)).toEqual(new Set([(await memory())?.anonymousId]));
  const answered = records.find(({ record }) => record?.name === ANSWERED)?.raw;
  expect(answered).toMatchObject({ context: { consent: { servedNotice: { agreementId, version: 1, language: 'en', textHash: hashesOf(TEXT).en, surface: 'page', origin: shopUrl, shownAt: expect.stringMatching(/^\d{4}-/u) } } } });
  // What was shown is not the page's word alone: the host gave an id for it, before the answer.
  const { id } = (answered as { context: { consent: { servedNotice: { id: string } } } }).context.consent.servedNotice;
  const served = host.configuration.workspace(host.workspaceId).notices?.open(id);
  expect(served).toEqual({ agreementId, agreementVersion: 1, language: 'en', textHash: hashesOf(TEXT).en, surface: 'page', origin: shopUrl, servedAt: expect.any(Number) });
  expect(served?.servedAt).toBeLessThanOrEqual(records.find(({ record }) => record?.name === ANSWERED)?.record?.occurredAt ?? 0);
  const viewed = records.find(({ record }) => record?.name === 'Product Viewed');
  expect(viewed?.record?.identities).toContainEqual({ namespace: 'userId', value: 'u-1' });
  await visit('?page=2');
  await track('Product Added');
  expect(told(await stored(5)).map(([name]) => name)).toContain('Product Added');
  expect([await notice().isVisible(), troubles]).toEqual([false, []]);
});

it('takes an answer also where no id could be had for what was shown, and asks for one with each showing', async () => {
  await page.route('**/v1/notice?*', (route) => route.abort());
  await visit();
  await press('Accept all');
  const [answered] = await stored(1);
  expect((answered?.raw as { context: { consent: { servedNotice: object } } }).context.consent.servedNotice).toEqual({ agreementId, version: 1, language: 'en', textHash: hashesOf(TEXT).en, surface: 'page', origin: shopUrl, shownAt: expect.any(String) });
  await reopen();
  expect(calls.filter((call) => call === 'GET /v1/notice')).toHaveLength(2);
});

it('after a no sends the refusal and nothing else, and keeps no id; whoever changes their mind is asked as easily', async () => {
  await visit();
  await track('Product Viewed');
  await press('Refuse all');
  const no = { analytics: false, ads: false };
  expect(told(await stored(1))).toEqual([[ANSWERED, no, 'consent-denied']]);
  await track('Product Added');
  await visit('?page=2');
  await track('Cart Viewed');
  // The page before may not have known that its answer had arrived.
  expect(await until(memory, (kept) => kept?.unsent.length === 0)).toMatchObject({ answer: { choices: no }, unsent: [] });
  expect((await memory())?.anonymousId).toBeUndefined();
  await reopen();
  await page.getByRole('checkbox', { name: 'Statistics' }).check();
  await press('Save my choices');
  await track('Order Completed');
  const yes = { analytics: true, ads: false };
  expect(told(await stored(3))).toEqual([['Order Completed', yes, null], [ANSWERED, no, 'consent-denied'], [ANSWERED, yes, null]]);
});

it('takes all back in one press, in every tab, also through the page’s own link and with the host’s notice out of reach', async () => {
  await visit();
  await press('Accept all');
  await stored(1);
  const other = await newPage();
  await visit('?tab=2', other);
  await reopen();
  expect(await page.getByRole('checkbox', { checked: true }).count()).toBe(2);
  await press('Refuse all');
  await stored(2);
  await track('Product Viewed', other);
  await track('Product Viewed');
  await page.click('#more');
  await notice().waitFor();
  await press('Accept all');
  await stored(3);
  await page.route('**/notice?*', (route) => route.abort());
  await page.goto(`${shopUrl}/?page=3`);
  await until(() => troubles.length, (count) => count > 0);
  await page.evaluate(() => firsthand.withdraw());
  const records = await stored(4);
  expect(records.map(({ record }) => [record?.name, record?.consents.analytics])).toEqual([true, false, true, false].map((isGranted) => [ANSWERED, isGranted]));
  expect((await memory())?.anonymousId).toBeUndefined();
});

it('takes Global Privacy Control for a no without asking, and locks what the connection’s table gives to it', async () => {
  await context.addInitScript(() => Object.defineProperty(Object.getPrototypeOf((globalThis as unknown as { navigator: object }).navigator), 'globalPrivacyControl', { value: true }));
  await visit();
  await track('Product Viewed');
  const [refusal] = await stored(1);
  expect([refusal?.record?.name, refusal?.record?.consents, refusal?.signals?.map(({ method, decision, purpose }) => [method, decision, purpose])]).toEqual([ANSWERED, { analytics: false, ads: false }, [['gpc', 'denied', 'ads']]]);
  expect(await notice().isVisible()).toBe(false);
  await visit('?page=2');
  await reopen();
  expect(await page.getByRole('checkbox', { name: 'Advertising' }).isDisabled()).toBe(true);
  await press('Accept all');
  await track('Cart Viewed');
  expect(told(await stored(3)).filter(([name]) => name === 'Cart Viewed')).toEqual([['Cart Viewed', { analytics: true, ads: false }, null]]);
  await visit('?page=3');
  expect(await notice().isVisible()).toBe(false);
});

it('is used by the keyboard alone: first in the page, Escape answers nothing, and the focus goes back where it was', async () => {
  await visit();
  await notice().waitFor();
  const focused = () => page.evaluate(() => {
    type Holder = { activeElement: { ariaLabel: string | null; id: string; textContent: string; shadowRoot: Holder | null } };
    const { document } = globalThis as unknown as { document: Holder };
    const { ariaLabel, id, textContent } = document.activeElement.shadowRoot?.activeElement ?? document.activeElement;
    return ariaLabel ?? (id || textContent);
  });
  const order: string[] = [];
  for (let count = 0; count < 9; count += 1) {
    await page.keyboard.press('Tab');
    order.push(await focused());
  }
  expect(order).toEqual(['Close without answering', 'p0', 'p1', 'What does not rest on your consent', 'All of the notice', 'More, and your other rights', 'Refuse all', 'Accept all', 'Save my choices']);
  await page.keyboard.press('Escape');
  expect([await notice().isVisible(), await focused(), await memory(), posts()]).toEqual([false, 'Privacy choices', null, []]);
  await page.focus('#more');
  await page.keyboard.press('Enter');
  expect(await notice().isVisible()).toBe(true);
  for (const key of ['Tab', 'Tab', 'Space', ...Array<string>(7).fill('Tab'), 'Enter']) await page.keyboard.press(key);
  expect(told(await stored(1))).toEqual([[ANSWERED, { analytics: true, ads: false }, null]]);
  expect([await notice().isVisible(), await focused()]).toEqual([false, 'more']);
});

it.each([['desktop', 'en', '?lang=en', { width: 1280, height: 800 }], ['phone', 'zh-CN', '?lang=zh-CN', { width: 360, height: 740 }], ['phone', 'zh-CN', '?lang=en&dataLang=zh', { width: 360, height: 740 }]])(
  'has nothing that axe finds wrong and moves nothing, on a %s in %s (%s)', async (_device, language, query, viewport) => {
    await page.setViewportSize(viewport);
    await page.addInitScript(() => {
      const scope = globalThis as unknown as { shifted: number; PerformanceObserver: new (seen: (list: { getEntries(): { value: number }[] }) => void) => { observe(what: object): void } };
      scope.shifted = 0;
      new scope.PerformanceObserver((list) => list.getEntries().forEach(({ value }) => (scope.shifted += value))).observe({ type: 'layout-shift', buffered: true });
    });
    await visit(query);
    await notice().waitFor();
    expect(await notice().textContent()).toContain(TEXT[language as keyof typeof TEXT]);
    await page.evaluate(readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8'));
    const check = () => page.evaluate(async () => {
      const { violations } = await (globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } }).axe.run();
      return violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);
    });
    expect(await check()).toEqual([]);
    // The page's own styles do not reach it.
    expect(await notice().evaluate((element) => { const { fontSize, display } = (globalThis as unknown as { getComputedStyle(of: unknown): { fontSize: string; display: string } }).getComputedStyle(element); return [fontSize, display]; })).toEqual(['16px', 'flex']);
    expect(await page.evaluate(() => (globalThis as unknown as { shifted: number }).shifted)).toBe(0);
    expect(await page.evaluate(() => { const { scrollWidth, clientWidth } = (globalThis as unknown as { document: { documentElement: { scrollWidth: number; clientWidth: number } } }).document.documentElement; return scrollWidth - clientWidth; })).toBe(0);
    await page.getByRole('button', { name: language === 'en' ? 'Refuse all' : '全部拒绝', exact: true }).click();
    expect(await check()).toEqual([]);
  });

it('works on a page with a strict Content-Security-Policy and Trusted Types', async () => {
  await visit('?strict');
  await notice().waitFor();
  expect(await notice().evaluate((element) => (globalThis as unknown as { getComputedStyle(of: unknown): { position: string } }).getComputedStyle(element).position)).toBe('fixed');
  await press('Accept all');
  await stored(1);
  expect(troubles).toEqual([]);
});

it('asks again after a material version, not after another', async () => {
  const publish = (isMaterial: boolean) => host.seed.change<AgreementDocument>('agreements', agreementId, ({ versions, ...content }) => {
    const last = versions.at(-1) as AgreementDocument['versions'][number];
    return { ...content, versions: [...versions, { ...last, version: last.version + 1, isMaterial }] };
  });
  await visit();
  await press('Accept all');
  await stored(1);
  await publish(false);
  await page.evaluate(fetchAnew, `${host.url}/v1/projects/${writeKey}/notice?lang=en`);
  await visit('?page=2');
  expect(await notice().isVisible()).toBe(false);
  await publish(true);
  await page.evaluate(fetchAnew, `${host.url}/v1/projects/${writeKey}/notice?lang=en`);
  await visit('?page=3');
  await notice().waitFor();
  await track('Product Viewed');
  expect(await stored(1)).toHaveLength(1);
});
/** As if the cache's minute were over. */
const fetchAnew = (url: string) => fetch(url, { cache: 'reload', credentials: 'omit' } as RequestInit).then((response) => response.json());

it('tracks nothing and says what to do when there is no notice', async () => {
  await page.goto(`${shopUrl}/?key=pk_${'x'.repeat(43)}`);
  await until(() => troubles.length, (count) => count > 1);
  await track('Product Viewed');
  expect(troubles.at(-1)).toMatch(/^Firsthand: there is no privacy notice \(401\), so nothing is tracked\. Look at data-write-key, .*connect-src/u);
  expect([posts(), await stored(0)]).toEqual([[], []]);
});

it('asks for the notice again when the host could not give it', async () => {
  await page.route('**/notice?*', (route) => route.fulfill({ status: 503, headers: { 'access-control-allow-origin': '*' } }), { times: 1 });
  await page.goto(shopUrl);
  await track('Product Viewed');
  await notice().waitFor();
  expect(troubles.at(-1)).toContain('no privacy notice (503)');
  await press('Accept all');
  expect(told(await stored(2)).map(([name]) => name)).toEqual(['Product Viewed', ANSWERED]);
});

describe("with Segment's browser SDK", () => {
  const load = () => page.evaluate(`{
    const { AnalyticsBrowser } = AnalyticsNext;
    ${WITH_SEGMENT.replace('pk_…', writeKey).replace('https://data.example.com', host.url)}
    window.analytics = analytics;
    void analytics.track('Product Viewed', { productId: 'sku-1' });
  }`);
  /** Resolves once the SDK has sent the event or dropped it. */
  const trackBySdk = (event: string) => page.evaluate((name) => (globalThis as unknown as { analytics: { track(event: string): Promise<unknown> } }).analytics.track(name).then(() => undefined, () => undefined), event);

  it('lets it load after a yes only, stamps each event with the answer of that moment, and none goes after a withdrawal', async () => {
    await visit('?sdk');
    await load();
    await notice().waitFor();
    expect([posts(), await page.evaluate(() => (globalThis as unknown as { localStorage: { length: number } }).localStorage.length)]).toEqual([[], 0]);
    await page.getByRole('checkbox', { name: 'Statistics' }).check();
    await press('Save my choices');
    const records = await stored(2);
    expect(told(records)).toEqual([['Product Viewed', { analytics: true, ads: false }, null], [ANSWERED, { analytics: true, ads: false }, null]]);
    expect(new Set(records.map(({ record }) => record?.identities.find(({ namespace }) => namespace === 'anonymousId')?.value)).size).toBe(1);
    await reopen();
    await press('Accept all');
    await trackBySdk('Product Added');
    expect(told(await stored(4)).find(([name]) => name === 'Product Added')).toEqual(['Product Added', { analytics: true, ads: true }, null]);
    await reopen();
    await press('Refuse all');
    await trackBySdk('Cart Viewed');
    expect(calls.filter((call) => call === 'POST /v1/t')).toHaveLength(2);
    expect((await stored(5)).map(({ record }) => record?.name)).not.toContain('Cart Viewed');
  });
});

it('is served for any site, to be kept and pinned; the notice is of the key’s connection and of nobody', async () => {
  const script = await fetch(`${host.url}/privacy.js`);
  const code = await script.text();
  const etag = script.headers.get('etag') ?? '';
  expect([script.status, script.headers.get('access-control-allow-origin'), script.headers.get('cross-origin-resource-policy'), script.headers.get('content-type'), script.headers.get('cache-control')])
    .toEqual([200, '*', 'cross-origin', 'text/javascript; charset=utf-8', 'public, max-age=3600']);
  expect(etag).toBe(`"sha384-${createHash('sha384').update(code).digest('base64')}"`);
  expect((await fetch(`${host.url}/privacy.js`, { headers: { 'if-none-match': etag } })).status).toBe(304);
  const url = `${host.url}/v1/projects/${writeKey}/notice?lang=zh-TW`;
  const answer = await fetch(url);
  expect([answer.headers.get('access-control-allow-origin'), answer.headers.get('cache-control'), (await fetch(url, { headers: { 'if-none-match': `"other", W/${answer.headers.get('etag') ?? ''}` } })).status]).toEqual(['*', 'public, max-age=60', 304]);
  expect(await answer.json()).toMatchObject({
    language: 'zh-CN', text: TEXT['zh-CN'], textHash: hashesOf(TEXT)['zh-CN'], collectionKeys: ['analytics'], told: [{ name: '订单', basis: '与您订立的合同' }], privacyUrl: `${host.url}/privacy/${host.workspaceId}?lang=zh-CN`,
    asked: [{ key: 'analytics', name: '统计', isRefusedByGpc: false }, { key: 'ads', isRefusedByGpc: true }],
  });
  expect((await fetch(`${host.url}/v1/projects/pk_${randomUUID()}/notice`)).status).toBe(401);
});
