import { addLatency, newLatencyHistogram } from '@firsthand/domain';
import { createFreshnessStore, createQualityStore } from '@firsthand/persistence';
import type { Page } from 'playwright-core';
import type { AdminClient } from '../support/admin-client.js';
import { showOperation } from '../support/show-operation.js';
import { axe, showPages, type ShownPages } from '../support/show-pages.js';
import type { TestHost } from '../support/start-host.js';

/** What staff see of a workspace in a browser. */
let pages: ShownPages;
let host: TestHost;
let owner: AdminClient;
let page: Page;
let errors: string[];

beforeAll(async () => {
  pages = await showPages();
  ({ host, owner } = pages);
});
afterAll(() => pages.close());
beforeEach(async () => { ({ page, errors } = await pages.open()); });
afterEach(() => page.close());

it('Swagger UI shows both planes, and is where a browser is led', async () => {
  await page.goto(host.url);
  expect(page.url()).toBe(`${host.url}/docs/`);
  await page.waitForSelector('.opblock-tag');
  expect(await page.getByRole('button', { name: 'Authorize' }).count()).toBe(1);
  await showOperation(page, host.url, 'post', '/v1/track');
  await showOperation(page, host.url, 'post', '/admin/v1/flows/{id}/dry-run');
  expect(errors).toEqual([]);
});

it('the dictionary of the workspace shows where fields come from, by keyboard, with nothing that axe finds wrong', async () => {
  const { ownerEmail = '', ownerPassword = '' } = host.firstRun ?? {};
  await owner.post('/connections', { kind: 'source', id: 'lineage-shop', name: 'Shop', pluginId: 'web', capability: 'events' });
  await owner.post('/dictionary/custom-entities', { name: 'appointment', description: 'A visit that was agreed on.' });
  await owner.post('/dictionary/custom-fields', { entity: 'appointment', name: 'startsAt', type: 'datetime', description: 'When it starts.' });
  await owner.post('/dictionary/custom-events', { name: 'Appointment Booked', description: 'A visit was agreed on.', fields: ['properties.custom.appointment.startsAt'] });
  await page.setExtraHTTPHeaders({ authorization: `Basic ${Buffer.from(`${ownerEmail}:${ownerPassword}`).toString('base64')}` });
  await page.goto(`${host.url}/dictionary/${host.workspaceId}`);
  await page.locator('#query').focus();
  await page.keyboard.type('appointment');
  expect(await page.locator('#count').textContent()).toMatch(/^3 of \d+ fields and events$/);
  expect(await page.locator('#own-appointment tr[data-field] th').allTextContents()).toEqual(['properties.custom.appointment.startsAt']);
  if (process.env.FIRSTHAND_SCREENSHOTS !== undefined) await page.screenshot({ path: `${process.env.FIRSTHAND_SCREENSHOTS}/dictionary-search.png` });
  await page.locator('#query').fill('profile.email');
  const email = page.locator('tr[data-field]', { has: page.getByText('profile.email', { exact: true }) });
  expect(await email.locator('td').nth(7).textContent()).toMatch(/lineage-shop: .*traits\.email.* \(mapping of the plugin\)/);
  expect(await email.locator('td').nth(8).textContent()).toContain('purpose marketing');
  if (process.env.FIRSTHAND_SCREENSHOTS !== undefined) await page.screenshot({ path: `${process.env.FIRSTHAND_SCREENSHOTS}/dictionary-lineage.png` });
  expect([await axe(page), errors]).toEqual([[], []]);
});

it('the quality of the data is plotted, in both languages, with nothing that axe finds wrong', async () => {
  const { ownerEmail = '', ownerPassword = '' } = host.firstRun ?? {};
  await owner.post('/connections', { kind: 'source', id: 'quality-till', name: 'Till', pluginId: 'web', capability: 'events' });
  await owner.post('/expectations', { id: 'stores', name: 'Orders name their store', scope: { connectionId: 'quality-till', event: 'Order Completed' }, rule: { kind: 'completeness', field: 'order.storeId', mostFailing: 0.01 }, severity: 'critical' });
  await owner.post('/expectations', { id: 'fresh', name: 'The till sends', scope: { connectionId: 'quality-till' }, rule: { kind: 'freshness', withinMinutes: 30 } });
  const quality = createQualityStore(host.connected.connection);
  const hour = Math.floor(Date.now() / 3_600_000) * 3_600_000;
  for (const { expectationId, stamp, field, definition: { rule: { kind } } } of host.configuration.workspace(host.workspaceId).expectations?.all ?? []) {
    const place = { workspaceId: host.workspaceId, expectationId, connectionId: 'quality-till' };
    const isFailing = kind === 'completeness';
    await quality.insertState({ ...place, stamp, status: isFailing ? 'failing' : 'passing', since: hour, isTold: false, toldAt: null, countedSince: hour, lastAt: hour, alertConnectionId: null, revision: 0 });
    for (let ago = 0; ago < 48; ago += 1) {
      const score = isFailing && ago < 6 ? 0.6 + ago / 20 : 1;
      const last = { status: isFailing ? 'failing' as const : 'passing' as const, score, checked: isFailing ? 200 : 0, failed: isFailing ? 80 : 0, observed: isFailing ? 0.4 : 3, expected: isFailing ? 0.01 : 30 };
      await quality.save({ state: null, alert: null, result: { ...place, hour: hour - ago * 3_600_000, kind, severity: 'critical', event: null, field, score, last } });
    }
  }
  await page.setExtraHTTPHeaders({ authorization: `Basic ${Buffer.from(`${ownerEmail}:${ownerPassword}`).toString('base64')}` });
  const requests: string[] = [];
  page.on('request', (request) => requests.push(new URL(request.url()).pathname));
  for (const [language, words] of [['en', ['What fails now', 'Orders name their store', 'completeness', '40.0\u00a0%']], ['zh-CN', ['当前未达标', 'Orders name their store', '完整性', '严重']]] as const) {
    await page.goto(`${host.url}/quality/${host.workspaceId}?language=${language}`);
    const text = await page.locator('main').innerText();
    expect(words.filter((word) => !text.includes(word))).toEqual([]);
    expect(await page.locator('#sources svg polyline, #fields svg polyline').count()).toBe(2);
    expect(await page.locator('#fields svg circle').count()).toBe(48);
    expect(await page.locator('table').first().locator('tbody tr').count()).toBe(1);
    if (process.env.FIRSTHAND_SCREENSHOTS !== undefined) await page.screenshot({ path: `${process.env.FIRSTHAND_SCREENSHOTS}/quality-${language}.png`, fullPage: true });
    expect([await axe(page), errors]).toEqual([[], []]);
  }
  // It asks for nothing but itself.
  expect(new Set(requests)).toEqual(new Set([`/quality/${host.workspaceId}`]));
});

it('how soon each destination has what each source says is plotted, in both languages, with nothing that axe finds wrong', async () => {
  const { workspaceId, connected: { store, connection }, firstRun } = host;
  const minute = Math.floor(Date.now() / 60_000) * 60_000;
  const latencyOf = (...times: number[]) => {
    const latency = newLatencyHistogram();
    for (const ms of times) addLatency(latency, ms);
    return latency;
  };
  await store.transaction(async (tx) => {
    await tx.insertFreshness({ workspaceId, connectionId: 'crm', counts: [0, 1, 2].map((ago) => ({ source: 'fresh-shop', minute: minute - ago * 3_600_000, latency: latencyOf(200, 300, 2_000 * (ago + 1)) })) }, minute);
    await tx.insertFreshness({ workspaceId, connectionId: 'ads', counts: [{ source: 'firsthand', minute, latency: latencyOf(90_000, -5) }] }, minute + 1);
    await tx.insertFreshness({ workspaceId: 'elsewhere', connectionId: 'crm', counts: [{ source: 'fresh-shop', minute, latency: latencyOf(1) }] }, minute);
  });
  while ((await createFreshnessStore(connection).compact(workspaceId)) > 0);
  const { body } = await owner.get('/freshness');
  const pairs = body.pairs as { source: string; destination: string; count: number; p50Ms: number; maxMs: number; negative: number; points: object[] }[];
  expect(pairs.map(({ source, destination, count, maxMs, negative, points }) => [source, destination, count, maxMs, negative, points.length])).toEqual([['firsthand', 'ads', 2, 90_000, 1, 1], ['fresh-shop', 'crm', 9, 6_000, 0, 3]]);
  expect(Math.abs((pairs[1]?.p50Ms ?? 0) - 300)).toBeLessThan(15);
  expect((await owner.get('/freshness?every=minute&from=2026-01-01T00:00:00Z')).status).toBe(400);
  await page.setExtraHTTPHeaders({ authorization: `Basic ${Buffer.from(`${firstRun?.ownerEmail ?? ''}:${firstRun?.ownerPassword ?? ''}`).toString('base64')}` });
  for (const [language, words] of [['en', ['Found by the platform itself', 'fresh-shop', '1.5\u00a0min']], ['zh-CN', ['由平台自身发现', 'fresh-shop', '写入次数']]] as const) {
    await page.goto(`${host.url}/freshness/${workspaceId}?language=${language}`);
    const text = await page.locator('main').innerText();
    expect(words.filter((word) => !text.includes(word))).toEqual([]);
    expect([await page.locator('#pairs svg .p99').count(), await page.locator('#pairs svg circle').count(), await page.locator('tbody tr').count()]).toEqual([2, 4, 3]);
    if (process.env.FIRSTHAND_SCREENSHOTS !== undefined) await page.screenshot({ path: `${process.env.FIRSTHAND_SCREENSHOTS}/freshness-${language}.png`, fullPage: true });
    expect([await axe(page), errors]).toEqual([[], []]);
  }
});

it('the dictionary can be searched', async () => {
  await page.goto(`${host.url}/dictionary`);
  await page.locator('#query').fill('shoe size that nobody has');
  expect(await page.locator('#count').textContent()).toMatch(/^0 of \d+ fields and events$/);
  expect(errors).toEqual([]);
});
