import { logIn, type AdminClient } from '../support/admin-client.js';
import { privacyForm } from '../support/privacy-form.js';
import { startHost, type TestHost } from '../support/start-host.js';

/** A page of switches that stays open while other things happen. */
const identity = { namespace: 'email', value: 'ana@example.com' };
const OWN = 'purpose-marketing-own';
let host: TestHost;
let owner: AdminClient;
let url: string;

beforeAll(async () => {
  host = await startHost({ env: { FIRSTHAND_ROLES: 'ingest,admin' } });
  owner = await logIn(host.url, host.firstRun?.ownerEmail ?? '', host.firstRun?.ownerPassword ?? '');
  await addPurpose('marketing');
  await owner.post('/agreements', { id: 'notice', name: 'Privacy notice' });
  await publish(['marketing'], 'We write to you.');
});
afterAll(() => host.stop());
beforeEach(async () => {
  const { body } = await owner.post('/privacy-links', { identity });
  url = String(body.url).replace(/^https?:\/\/[^/]+/, host.url);
});

const addPurpose = (key: string) => owner.post('/purposes', { key, name: { en: key }, description: { en: key }, lawfulBasis: 'consent', fields: ['profile.email'], expiresAfterDays: null });
const publish = async (purposes: string[], text: string): Promise<void> => {
  expect((await owner.post('/agreements/notice/versions', { purposes, texts: { en: text } })).status).toBe(201);
  await host.configuration.refresh();
};
const load = async (): Promise<Record<string, string>> => privacyForm(await (await fetch(`${url}&lang=en`)).text());
const decisions = async () => ((await owner.get('/consents?namespace=email&value=ana@example.com')).body.records as { purpose: string; decision: string; agreementVersion: number | null }[]).map(({ purpose, decision, agreementVersion }) => [purpose, decision, agreementVersion]);

/** Sends a form, and gives what the page then says. */
async function save(form: Record<string, string>): Promise<string> {
  const answer = await fetch(`${host.url}/privacy/${host.workspaceId}`, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ ...form, act: 'save' }) });
  expect(answer.status).toBe(303);
  return (await (await fetch(host.url + String(answer.headers.get('location')))).text()).match(/role="status"[^>]*>([^<]*)/)?.[1] ?? '';
}

it('is saved as it was turned, on the text that it showed', async () => {
  expect(await save({ ...await load(), [OWN]: 'on' })).toContain('saved');
  expect(await decisions()).toEqual([['marketing', 'granted', 1]]);
});

it('says nothing of what was left as it was, also where another purpose has come before it and another decision stands', async () => {
  const form = await load();
  await addPurpose('ads');
  await publish(['marketing', 'ads'], 'We write to you, and show you ads.');
  expect(await save(form)).toContain('saved');
  expect(await decisions()).toEqual([['marketing', 'granted', 1]]);
});

it('is no yes to a text that it did not show', async () => {
  const form = await load();
  await publish(['marketing', 'ads'], 'We write to you daily, and show you ads.');
  expect(await save({ ...form, [OWN]: 'on' })).toContain('text has changed');
  expect(await decisions()).toEqual([['marketing', 'granted', 1]]);
  expect(await save({ ...await load(), [OWN]: 'on' })).toContain('saved');
  expect((await decisions()).at(0)).toEqual(['marketing', 'granted', 3]);
});

it('of a page that had no switches says nothing, and is to be read again', async () => {
  const { token = '' } = await load();
  expect(await save({ token, lang: 'en' })).toContain('text has changed');
  expect((await decisions()).filter(([, decision]) => decision !== 'granted')).toEqual([]);
});
