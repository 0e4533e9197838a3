import type { Browser, Locator, Page } from 'playwright-core';
import { launchChromium } from '../support/chromium.js';
import { showOperation } from '../support/show-operation.js';
import { startHost, type TestHost } from '../support/start-host.js';

/** An admin at work in Swagger UI, in a real browser: logs in, authorises, and calls the API by "Try it out". */
let host: TestHost;
let browser: Browser;
let page: Page;
/** Authorization of each call that the page has made to the admin plane. */
let sent: (string | undefined)[];

beforeAll(async () => {
  [host, browser] = await Promise.all([startHost({ env: { FIRSTHAND_ROLES: 'ingest,admin' } }), launchChromium()]);
});
afterAll(async () => {
  await browser.close();
  await host.stop();
});
beforeEach(async () => {
  page = await browser.newPage();
  sent = [];
  page.on('request', (request) => void (request.url().includes('/admin/v1/') && sent.push(request.headers().authorization)));
  await page.goto(`${host.url}/docs/`);
  await page.waitForSelector('.opblock-tag');
});
afterEach(() => page.close());

/** Fills the form behind "Authorize" for one of the two ways, and closes it. */
async function authorise(scheme: 'session' | 'api-key', value: string): Promise<void> {
  await page.getByRole('button', { name: 'Authorize' }).click();
  const form = page.locator('.auth-container', { has: page.locator('h4', { hasText: scheme }) });
  await form.locator('input').fill(value);
  await form.getByRole('button', { name: 'Apply credentials' }).click();
  await form.getByRole('button', { name: 'Remove authorization' }).waitFor();
  await page.locator('.modal-ux').getByRole('button', { name: 'Close', exact: true }).first().click();
}

/** Calls a route by "Try it out" and "Execute", with a body in place of the example where one is given. Gives what is shown. */
async function execute(method: 'get' | 'post', path: string, body?: object): Promise<{ status: string; body: Record<string, unknown> }> {
  await showOperation(page, host.url, method, path);
  const block: Locator = page.locator(`.opblock-${method}`, { has: page.locator(`[data-path="${path}"]`) });
  await block.locator('.opblock-summary-control').click();
  await block.getByRole('button', { name: 'Try it out' }).click();
  if (body !== undefined) await block.locator('textarea').first().fill(JSON.stringify(body));
  await block.getByRole('button', { name: 'Execute' }).click();
  const live = block.locator('.live-responses-table .response').first();
  await live.waitFor();
  const text = await live.locator('.highlight-code code').first().innerText();
  return { status: (await live.locator('.response-col_status').innerText()).trim(), body: JSON.parse(text) as Record<string, unknown> };
}

const PURPOSE = { key: 'marketing', name: { en: 'Marketing' }, description: { en: 'We write to you.' }, lawfulBasis: 'consent', fields: ['profile.email'], expiresAfterDays: null };

async function logIn(): Promise<string> {
  const { status, body } = await execute('post', '/admin/v1/sessions', { email: host.firstRun?.ownerEmail, password: host.firstRun?.ownerPassword });
  expect(status).toBe('201');
  return String(body.token);
}

it('without credentials a route answers 401', async () => {
  expect(await execute('get', '/admin/v1/plugins')).toMatchObject({ status: '401', body: { code: 'UNAUTHENTICATED' } });
  expect(sent).toEqual([undefined]);
});

it('logs in, authorises with the token, reads and makes', async () => {
  const token = await logIn();
  await authorise('session', token);
  const { status, body } = await execute('get', '/admin/v1/plugins');
  expect([status, (body.items as { id: string }[]).map(({ id }) => id)]).toEqual(['200', expect.arrayContaining(['web', 'webhook'])]);
  expect(await execute('post', '/admin/v1/purposes', PURPOSE)).toMatchObject({ status: '201', body: { key: 'marketing', version: 1 } });
  expect(sent).toEqual([undefined, `Bearer ${token}`, `Bearer ${token}`]);
  expect(await host.repository.get('purposes', host.workspaceId, 'marketing')).toMatchObject({ content: { lawfulBasis: 'consent' } });
});

it('authorises with an API key, which may do what its roles may', async () => {
  await authorise('session', await logIn());
  const made = await execute('post', '/admin/v1/api-keys', { name: 'Deployment', roles: ['integrator'] });
  expect(made.status).toBe('201');
  const apiKey = String(made.body.apiKey);
  await page.reload();
  await page.waitForSelector('.opblock-tag');
  sent = [];
  await authorise('api-key', apiKey);
  expect((await execute('get', '/admin/v1/plugins')).status).toBe('200');
  const connection = { kind: 'source', id: 'shop', name: 'Shop', pluginId: 'web', capability: 'events' };
  expect(await execute('post', '/admin/v1/connections', connection)).toMatchObject({ status: '201', body: { id: 'shop', status: 'draft' } });
  expect(await execute('post', '/admin/v1/purposes', { ...PURPOSE, key: 'analytics' })).toMatchObject({ status: '403', body: { code: 'FORBIDDEN' } });
  expect(sent).toEqual(Array(3).fill(`Bearer ${apiKey}`));
});
