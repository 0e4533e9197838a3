import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import { logIn, type AdminClient } from './admin-client.js';
import { launchChromium } from './chromium.js';
import { startHost, type TestHost } from './start-host.js';
import { startVendorServer } from './vendor-server.js';

/** A host's pages in a real browser, under their own Content-Security-Policy. */
export interface ShownPages {
  host: TestHost;
  owner: AdminClient;
  /** What people were sent, oldest first. */
  notices: { kind: string; to: string; code?: string }[];
  /** A new page of the browser, and what goes wrong on it. */
  open(): Promise<{ page: Page; errors: string[] }>;
  close(): Promise<void>;
}

/**
 * Starts a host without a worker whose one purpose, `marketing`, has an agreement `notice` in two languages, and a browser.
 *
 * @example const pages = await showPages();
 */
export async function showPages(): Promise<ShownPages> {
  const notices: ShownPages['notices'] = [];
  const receiver = await startVendorServer(({ text }) => {
    notices.push(JSON.parse(text) as (typeof notices)[number]);
    return { status: 204 };
  });
  const notify = { FIRSTHAND_NOTIFY_WEBHOOK_URL: `${receiver.url}/`, FIRSTHAND_NOTIFY_WEBHOOK_SECRET: 'a secret of the notices' };
  const [host, browser]: [TestHost, Browser] = await Promise.all([startHost({ env: { FIRSTHAND_ROLES: 'ingest,admin', ...notify } }), launchChromium()]);
  const owner = await logIn(host.url, host.firstRun?.ownerEmail ?? '', host.firstRun?.ownerPassword ?? '');
  const purpose = { key: 'marketing', name: { en: 'Marketing', 'zh-CN': '营销' }, description: { en: 'We write to you.', 'zh-CN': '我们会联系您。' }, lawfulBasis: 'consent', fields: ['profile.email'], expiresAfterDays: null };
  await owner.post('/purposes', purpose);
  await owner.post('/agreements', { id: 'notice', name: 'Privacy notice' });
  await owner.post('/agreements/notice/versions', { purposes: ['marketing'], texts: { en: 'We use your contact data.', 'zh-CN': '我们使用您的联系方式。' } });
  return {
    host, owner, notices,
    async open() {
      const [page, errors]: [Page, string[]] = [await browser.newPage(), []];
      page.on('console', (message) => { if (message.type() === 'error') errors.push(message.text()); });
      page.on('pageerror', ({ message }) => errors.push(message));
      return { page, errors };
    },
    async close() {
      await browser.close();
      await host.stop();
      await receiver.close();
    },
  };
}

/** What axe finds wrong on a page. A page's own policy lets no script in but that of the test. */
export async function axe(shown: Page): Promise<string[]> {
  await shown.evaluate(readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
  return shown.evaluate<string[]>("axe.run().then(({ violations }) => violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`))");
}
