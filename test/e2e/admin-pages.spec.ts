import type { Browser, Page } from 'playwright-core';
import { logIn, type AdminClient } from '../support/admin-client.js';
import { launchChromium } from '../support/chromium.js';
import { showOperation } from '../support/show-operation.js';
import { startHost, type TestHost } from '../support/start-host.js';

/** The pages in a real browser, under their own Content-Security-Policy. */
let host: TestHost;
let owner: AdminClient;
let browser: Browser;
let page: Page;
let errors: string[];

beforeAll(async () => {
  [host, browser] = await Promise.all([startHost({ env: { FIRSTHAND_ROLES: 'ingest,admin' } }), launchChromium()]);
  owner = await logIn(host.url, host.firstRun?.ownerEmail ?? '', host.firstRun?.ownerPassword ?? '');
  const purpose = { key: 'marketing', name: { en: 'Marketing', 'zh-CN': '营销' }, description: { en: 'We write to you.', 'zh-CN': '我们会联系您。' }, lawfulBasis: 'consent', fields: ['profile.email'], expiresAfterDays: null };
  await owner.post('/purposes', purpose);
  await owner.post('/agreements', { id: 'notice', name: 'Privacy notice' });
  await owner.post('/agreements/notice/versions', { purposes: ['marketing'], texts: { en: 'We use your contact data.', 'zh-CN': '我们使用您的联系方式。' } });
});
afterAll(async () => {
  await browser.close();
  await host.stop();
});
beforeEach(async () => {
  page = await browser.newPage();
  errors = [];
  page.on('console', (message) => { if (message.type() === 'error') errors.push(message.text()); });
  page.on('pageerror', ({ message }) => errors.push(message));
});
afterEach(() => page.close());

it('Swagger UI shows both planes', async () => {
  await page.goto(`${host.url}/docs/`);
  await page.waitForSelector('.opblock');
  expect(await page.getByRole('button', { name: 'Authorize' }).count()).toBe(1);
  await showOperation(page, host.url, 'post', '/v1/track');
  await showOperation(page, host.url, 'post', '/admin/v1/flows/{id}/dry-run');
  expect(errors).toEqual([]);
});

it('the dictionary can be searched', async () => {
  await page.goto(`${host.url}/dictionary`);
  await page.locator('#query').fill('shoe size that nobody has');
  expect(await page.locator('#count').textContent()).toMatch(/^0 of \d+ fields$/);
  expect(errors).toEqual([]);
});

describe('the privacy page', () => {
  async function open(language: string): Promise<void> {
    const { body } = await owner.post('/privacy-links', { identity: { namespace: 'email', value: `${language}@example.com` } });
    await page.goto(`${String(body.url).replace(/^https?:\/\/[^/]+/, host.url)}&lang=${language}`);
  }

  it('grants and withdraws with the same switch, by label and keyboard', async () => {
    await open('en');
    const own = () => page.getByRole('switch', { name: 'By us and those who work on our behalf' });
    expect(await own().isChecked()).toBe(false);
    await own().focus();
    await page.keyboard.press('Space');
    await page.getByRole('button', { name: 'Save my choices' }).click();
    expect(await page.getByRole('status').textContent()).toBe('Your choices are saved and in force.');
    expect(await own().isChecked()).toBe(true);
    await own().uncheck();
    await page.getByRole('button', { name: 'Save my choices' }).click();
    expect(await own().isChecked()).toBe(false);
    expect(await page.locator('tbody tr td:nth-child(3)').allTextContents()).toEqual(['withdrawn', 'agreed']);
    expect(errors).toEqual([]);
  });

  it('shares with third parties only on a choice of its own, and ends everything at once', async () => {
    await open('zh-CN');
    await page.getByRole('switch', { name: '与独立的第三方共享' }).check();
    await page.getByRole('button', { name: '保存我的选择' }).click();
    const { body } = await owner.get('/consents?namespace=email&value=zh-cn@example.com');
    expect((body.purposes as { recipient: string; isAllowed: boolean }[]).map(({ recipient, isAllowed }) => [recipient, isAllowed])).toEqual([['own', false], ['processor', false], ['third-party', true], ['sensitive', false], ['minor', false]]);
    await page.getByRole('button', { name: '撤回全部同意' }).click();
    expect(await page.getByRole('switch', { checked: true }).count()).toBe(0);
    expect(errors).toEqual([]);
  });

  it('keeps what stays on when a part is withdrawn', async () => {
    await open('en');
    const third = () => page.getByRole('switch', { name: 'Sharing with independent companies' });
    await page.getByRole('switch', { name: 'By us and those who work on our behalf' }).check();
    await third().check();
    await page.getByRole('button', { name: 'Save my choices' }).click();
    expect(await page.getByRole('switch', { checked: true }).count()).toBe(2);
    await third().uncheck();
    await page.getByRole('button', { name: 'Save my choices' }).click();
    expect(await page.getByRole('switch', { checked: true }).getAttribute('id')).toMatch(/-own$/);
  });

  it('gives every control a name and the page a language', async () => {
    await open('en');
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
    expect(await page.locator('input:not([type=hidden])').evaluateAll((inputs) => inputs.filter((input) => ((input as unknown as { labels: { length: number } }).labels.length) !== 1).length)).toBe(0);
    expect(await page.locator('h1').count()).toBe(1);
  });

  it('shows the notice and no choice to who has a link that is over', async () => {
    const response = await page.goto(`${host.url}/privacy/${host.workspaceId}?token=over&lang=en`);
    expect(response?.status()).toBe(401);
    expect(await page.getByRole('status').textContent()).toContain('not valid any more');
    expect(await page.locator('form').count()).toBe(0);
  });
});
