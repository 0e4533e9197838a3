import { createHash, createPublicKey, randomBytes, verify, type JsonWebKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSigner } from '@firsthand/access';
import { createPersonExportStore } from '@firsthand/persistence';
import { createPersonExportWorker } from '@firsthand/pipeline';
import type { Page } from 'playwright-core';
import { writeExport } from '../../apps/host/src/person-export/write-export.js';
import type { AdminClient } from '../support/admin-client.js';
import { documentsIn, placesOf } from '../support/readme-commands.js';
import { axe, showPages, type ShownPages } from '../support/show-pages.js';
import type { TestHost } from '../support/start-host.js';
import { until } from '../support/until.js';

/** What people see and decide of their own data in a browser, and the copy that they fetch. */
let pages: ShownPages;
let host: TestHost;
let owner: AdminClient;
let notices: ShownPages['notices'];
let page: Page;
let errors: string[];

beforeAll(async () => {
  pages = await showPages();
  ({ host, owner, notices } = pages);
});
afterAll(() => pages.close());
beforeEach(async () => { ({ page, errors } = await pages.open()); });
afterEach(() => page.close());

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

  it.each([
    ['en', { contact: 'Email address or phone number', code: 'Code', request: 'Your requests', kind: 'Erasure of my data', sent: 'We have your request.', cancel: 'Take back', gone: 'Your request is taken back.', wrong: 'not valid' }],
    ['zh-CN', { contact: '电子邮箱或手机号码', code: '验证码', request: '您的请求', kind: '删除我的信息', sent: '我们已收到您的请求。', cancel: '撤回', gone: '您的请求已撤回。', wrong: '验证码无效' }],
  ])('is reached by a code on a phone, by keyboard, and takes requests and takes them back, in %s', async (language, t) => {
    const address = `kim-${language.toLowerCase()}@example.com`;
    await owner.post('/privacy-requests', { kind: 'access', identity: { namespace: 'email', value: address } });
    await page.setViewportSize({ width: 360, height: 740 });
    await page.goto(`${host.url}/privacy/${host.workspaceId}?lang=${language}`);
    const type = async (label: string, text: string) => {
      await page.getByLabel(label, { exact: true }).focus();
      await page.keyboard.type(text);
      await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
    };
    await type(t.contact, address);
    const [code = ''] = await until(() => notices.filter(({ to }) => to === address).map((notice) => notice.code), (sent) => sent.length === 1);
    await type(t.code, code === '12345678' ? '87654321' : '12345678');
    expect(await page.getByRole('status').textContent()).toContain(t.wrong);
    expect(errors.splice(0)).toEqual([expect.stringContaining('401')]);
    await type(t.code, code ?? '');
    const requests = page.getByRole('region', { name: t.request });
    expect([await requests.getByRole('listitem').count(), await page.evaluate('document.documentElement.scrollWidth')]).toEqual([1, 360]);
    await page.locator('#kind').selectOption({ label: t.kind });
    await page.locator('#text').fill('<b>please</b>');
    await page.getByRole('region', { name: t.request }).getByRole('button').last().press('Enter');
    await page.waitForURL(/saved=requested/);
    expect([await page.getByRole('status').textContent(), await requests.getByRole('listitem').count()]).toEqual([t.sent, 2]);
    const { body } = await owner.get('/privacy-requests?kind=erasure&status=received');
    const own = (body.items as { id: string; identities: { value: string }[] }[]).find(({ identities }) => identities[0]?.value.startsWith('k'));
    expect((await owner.get(`/privacy-requests/${own?.id ?? ''}`)).body).toMatchObject({ source: 'page', verification: 'code', details: { text: '<b>please</b>' } });
    await requests.getByRole('listitem').filter({ hasText: t.kind }).getByRole('button', { name: t.cancel }).press('Enter');
    await page.waitForURL(/saved=cancelled/);
    expect([await page.getByRole('status').textContent(), await requests.getByRole('button', { name: t.cancel }).count()]).toEqual([t.gone, 1]);
    expect((await owner.get(`/privacy-requests/${own?.id ?? ''}`)).body).toMatchObject({ status: 'cancelled' });
    expect(errors).toEqual([]);
    // Nobody else's.
    const other = await fetch(`${host.url}/privacy/${host.workspaceId}/requests/${own?.id ?? ''}/cancel`, {
      method: 'POST', redirect: 'manual', body: new URLSearchParams({ token: new URL(String((await owner.post('/privacy-links', { identity: { namespace: 'email', value: 'other@example.com' } })).body.url)).searchParams.get('token') ?? '' }),
    });
    expect(other.status).toBe(404);
  });

  it('restricts, lifts and objects for the person at once, and an officer does it from a request', async () => {
    const identity = { namespace: 'email', value: 'mia@example.com' };
    const records = async () => ((await owner.get('/consents?namespace=email&value=mia@example.com')).body.records as { recordId: string; purpose: string; decision: string; actor: { kind: string } }[]).map(({ recordId, ...record }) => ({ ...record, recordId }));
    const told = async () => (await records()).map(({ purpose, decision, actor }) => `${purpose} ${decision} ${actor.kind}`);
    await page.goto(`${String((await owner.post('/privacy-links', { identity })).body.url).replace(/^https?:\/\/[^/]+/, host.url)}&lang=en`);
    const ask = async (kind: string) => {
      await page.locator('#kind').selectOption(kind);
      await page.getByRole('button', { name: 'Send my request' }).click();
      await page.waitForURL(/saved=done/);
      return page.getByRole('status').textContent();
    };
    expect(await ask('restriction')).toBe('It is done, and in force.');
    expect([await page.getByText('We keep your data and do not use it').count(), await told()]).toEqual([1, ['* denied person']]);
    await ask('restriction');
    expect(await told()).toEqual(['* denied person']);
    const { body: { items } } = await owner.get('/privacy-requests?kind=restriction&status=completed');
    expect(items).toEqual(expect.arrayContaining([expect.objectContaining({ source: 'page', result: { records: [(await records())[0]?.recordId] } })]));
    await page.getByRole('button', { name: 'Lift this restriction' }).click();
    await page.waitForURL(/saved=1/);
    expect([await page.getByText('We keep your data and do not use it').count(), await told()]).toEqual([0, ['* granted person', '* denied person']]);
    await page.getByLabel('Marketing', { exact: true }).check();
    await ask('objection');
    expect((await told())[0]).toBe('marketing objected person');
    expect(errors).toEqual([]);

    const open = async (kind: string, details: object | null = null) => String((await owner.post('/privacy-requests', { kind, identity, verification: 'called-back', details })).body.id);
    const [restriction, objection] = [await open('restriction'), await open('objection', { purposes: ['marketing'] })];
    const act = (id: string, what: string, body: object = {}) => owner.post(`/privacy-requests/${id}/${what}`, body);
    expect((await act(restriction, 'carry-out')).body.code).toBe('REQUEST_TRANSITION');
    for (const id of [restriction, objection]) await act(id, 'start');
    expect((await act(restriction, 'complete')).body.code).toBe('REQUEST_TRANSITION');
    expect((await act(objection, 'carry-out', { purposes: ['resale'] })).body.code).toBe('INVALID_REQUEST');
    const [done, repeated] = [(await act(restriction, 'carry-out')).body, (await act(objection, 'carry-out')).body];
    expect([(await told())[0], done.status, done.result]).toEqual(['* denied admin', 'completed', { records: [(await records())[0]?.recordId] }]);
    // They had objected themselves: their own record is named.
    expect(repeated.result).toEqual({ purposes: ['marketing'], records: [(await records()).find(({ decision }) => decision === 'objected')?.recordId] });
    expect((await act(restriction, 'carry-out')).body.code).toBe('REQUEST_TRANSITION');
    const { body: { id: profileId } } = await owner.get('/profiles/lookup?namespace=email&value=mia@example.com');
    const restrict = async (isRestricted: boolean) => ((await owner.post(`/profiles/${String(profileId)}/restriction`, { isRestricted })).body.records as { actor: unknown }[]).map(({ actor }) => actor);
    const actor = { kind: 'admin', id: expect.any(String) as unknown };
    expect([await restrict(false), await restrict(false), await restrict(true)]).toEqual([[actor], [], [actor]]);
  });

  it('takes what is right about a person, and an officer corrects it from that', async () => {
    const identity = { namespace: 'phone', value: '+8613800138222' };
    await owner.post('/consents', { identity, decisions: [{ purpose: '*', decision: 'denied', recipients: ['sms'] }] });
    await page.goto(`${String((await owner.post('/privacy-links', { identity })).body.url).replace(/^https?:\/\/[^/]+/, host.url)}&lang=en`);
    await page.locator('#kind').selectOption('rectification');
    await page.getByText('If something about you is wrong').click();
    await page.getByLabel('City', { exact: true }).fill(' Hangzhou ');
    await page.getByLabel('Email address', { exact: true }).fill('Nora at example');
    await page.getByRole('button', { name: 'Send my request' }).click();
    await page.waitForURL(/saved=unread/);
    expect(await page.getByRole('status').textContent()).toContain('could not be read');
    await page.locator('#kind').selectOption('rectification');
    await page.getByText('If something about you is wrong').click();
    await page.getByLabel('City', { exact: true }).fill(' Hangzhou ');
    await page.getByLabel('Email address', { exact: true }).fill('Nora@Example.com');
    if (process.env.FIRSTHAND_SCREENSHOTS !== undefined) await page.screenshot({ path: `${process.env.FIRSTHAND_SCREENSHOTS}/rectification.png`, fullPage: true });
    await page.getByRole('button', { name: 'Send my request' }).click();
    await page.waitForURL(/saved=requested/);
    const { body: { items } } = await owner.get('/privacy-requests?kind=rectification&status=received');
    const [{ id } = { id: '' }] = items as { id: string }[];
    expect((await owner.get(`/privacy-requests/${id}`)).body.details).toEqual({ fields: { 'profile.city': 'Hangzhou' }, identities: [{ namespace: 'email', to: 'nora@example.com' }] });
    await owner.post(`/privacy-requests/${id}/start`, {});
    expect((await owner.post(`/privacy-requests/${id}/carry-out`, {})).body).toMatchObject({ status: 'completed', result: { fields: ['identities.email', 'profile.city', 'profile.email'] } });
    expect((await owner.get('/profiles/lookup?namespace=email&value=nora@example.com')).body).toMatchObject({ identities: expect.arrayContaining([{ ...identity, isVerified: true }]) as unknown, traits: expect.arrayContaining([expect.objectContaining({ name: 'city', value: 'Hangzhou', correction: { by: 'person', reason: 'inaccurate' } }), expect.objectContaining({ name: 'email', value: 'nora@example.com' })]) as unknown });
    expect(errors).toEqual([]);
  });

  it('shows the notice and no choice to who has a link that is over', async () => {
    const response = await page.goto(`${host.url}/privacy/${host.workspaceId}?token=over&lang=en`);
    expect(response?.status()).toBe(401);
    expect(await page.getByRole('status').textContent()).toContain('not valid any more');
    expect(await page.getByRole('switch').count()).toBe(0);
  });

  it('keeps with a decision over REST what was shown, signed and imported, as far as it is proven', async () => {
    expect((await owner.post('/connections', { id: 'till', name: 'Till', kind: 'source', pluginId: 'web', capability: 'events', agreementId: 'notice', provenance: { collection: 'first-party', statement: 'Our own stores.' } })).status).toBe(201);
    await owner.post('/connections/till/enable', {});
    const writeKey = String((await owner.post('/connections/till/write-keys', { kind: 'public' })).body.writeKey);
    const ask = async (query: string, headers: Record<string, string> = { authorization: `Bearer ${writeKey}` }) => {
      const answer = await fetch(`${host.url}/v1/notice?agreementId=notice&${query}`, { headers });
      return { status: answer.status, cached: answer.headers.get('cache-control'), body: (await answer.json()) as { id: string; textHash: string; language: string; surface: string; origin: string | null; version: number; shownAt: string } };
    };
    const hashes = ((await owner.get('/agreements/notice')).body.versions as { textHashes: Record<string, string> }[])[0]?.textHashes ?? {};
    for (const [language, text] of [['en', 'We use your contact data.'], ['zh-CN', '我们使用您的联系方式。']] as const) {
      const shown = await ask(`version=1&language=${language}&surface=pos`);
      expect(shown).toMatchObject({ status: 200, cached: 'no-store', body: { language, surface: 'pos', origin: null, version: 1, textHash: createHash('sha256').update(text).digest('hex') } });
      expect(hashes[language]).toBe(shown.body.textHash);
    }
    const [inEvent] = documentsIn('docs/integrators.md') as { context: { consent: { servedNotice: object } } }[];
    expect(placesOf((await ask('version=1&language=en')).body)).toEqual(placesOf(inEvent?.context.consent.servedNotice));
    expect((await ask('version=1&language=en&surface=billboard', { authorization: `Bearer ${writeKey}`, origin: 'https://shop.example' })).body).toMatchObject({ surface: 'page', origin: 'https://shop.example' });
    expect([(await ask('version=1&language=fr')).status, (await ask('version=2&language=en')).status, (await ask('version=1&language=en', {})).status, (await ask('version=1&language=en', { authorization: 'Bearer pk_none' })).status]).toEqual([404, 404, 401, 401]);

    const agreement = { agreementId: 'notice', version: 1, language: 'zh-CN' };
    const decide = async (value: string, more: object, purposeIs = 'granted') => {
      const identity = { namespace: 'email', value };
      const { status } = await owner.post('/consents', { identity, agreement, decisions: [{ purpose: 'marketing', decision: purposeIs }], ...more });
      const { body } = await owner.get(`/consents?namespace=email&value=${value}`);
      const [record] = body.records as Record<string, unknown>[];
      return { status, record, reason: (body.purposes as { recipient: string; reason: string }[]).find(({ recipient }) => recipient === 'own')?.reason };
    };
    const { body: { id, textHash } } = await ask('version=1&language=zh-CN&surface=pos');
    expect(await decide('shown@example.com', { servedNotice: { id }, actor: { kind: 'clerk', id: 'till-7' } })).toMatchObject({ status: 201, reason: 'consent-granted', record: { textHash, actor: { kind: 'clerk', id: 'till-7' }, servedNotice: { id, standing: 'served', surface: 'pos', language: 'zh-CN', textHash } } });
    expect((await decide('made-up@example.com', { servedNotice: { id: `${id}x` } })).record).toMatchObject({ servedNotice: { standing: 'claimed' } });

    const signatureHash = 'ab'.repeat(32);
    expect(await decide('signed@example.com', { method: 'signature', signatureHash })).toMatchObject({ status: 201, reason: 'consent-granted', record: { method: 'signature', signatureHash } });
    expect([(await decide('signed@example.com', { method: 'signature' })).status, (await decide('signed@example.com', { signatureHash })).status]).toEqual([400, 400]);

    const proof = { textHash: hashes.en, decidedAt: '2026-01-02T03:04:05.000Z', method: 'double-opt-in' };
    expect(await decide('proven@example.com', { agreement: null, method: 'import', proof })).toMatchObject({ status: 201, reason: 'consent-granted', record: { method: 'import', importedAs: 'double-opt-in', isUnproven: false, effectiveAt: proof.decidedAt, agreementVersion: 1, textHash: hashes.en } });
    for (const [index, missing] of [{ textHash: undefined }, { textHash: 'cd'.repeat(32) }, { decidedAt: undefined }, { method: undefined }].entries()) {
      expect(await decide(`unproven${index}@example.com`, { agreement: null, method: 'import', proof: { ...proof, ...missing } })).toMatchObject({ status: 201, reason: 'consent-unproven', record: { isUnproven: true } });
    }
    expect(await decide('no@example.com', { agreement: null, method: 'import' }, 'denied')).toMatchObject({ status: 201, reason: 'consent-denied', record: { isUnproven: false } });
  });

  it('gives a signed receipt of each decision, which verifies with the public key alone and only as it was signed', async () => {
    const { keys: [key] } = await (await fetch(`${host.url}/.well-known/jwks.json`)).json() as { keys: (JsonWebKey & { kid: string })[] };
    /** Offline: nothing but node's own crypto, the key and the file. */
    const open = (jws: string): Record<string, Record<string, unknown>> | undefined => {
      const [header = '', payload = '', signature = ''] = jws.split('.');
      const isSigned = verify(null, Buffer.from(`${header}.${payload}`), createPublicKey({ key: key!, format: 'jwk' }), Buffer.from(signature, 'base64url'));
      expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({ alg: 'EdDSA', kid: key!.kid, typ: 'consent-receipt+jws' });
      return isSigned ? JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, Record<string, unknown>> : undefined;
    };
    const pageOf = async (value: string) => {
      const url = String((await owner.post('/privacy-links', { identity: { namespace: 'email', value } })).body.url).replace(/^https?:\/\/[^/]+/, host.url);
      return { token: new URL(url).searchParams.get('token') ?? '', page: await (await fetch(`${url}&lang=en`)).text() };
    };
    const identity = { namespace: 'email', value: 'ana@example.com' };
    const agreement = { agreementId: 'notice', version: 1, language: 'en' };
    for (const decision of ['granted', 'withdrawn', 'granted']) await owner.post('/consents', { identity, agreement, decisions: [{ purpose: 'marketing', decision }] });
    const ana = await pageOf(identity.value);
    const links = [...ana.page.matchAll(/<a href="([^"]+\/receipts\/[^"]+)" download/g)].map((match) => host.url + (match[1] ?? '').replaceAll('&#x3D;', '=').replaceAll('&amp;', '&'));
    const answers = await Promise.all(links.map((link) => fetch(link)));
    expect(answers.map(({ status, headers }) => [status, headers.get('content-type'), headers.get('content-disposition'), headers.get('cache-control')])).toEqual(Array(3).fill([200, 'application/jose; charset=utf-8', 'attachment; filename=consent-receipt.jws', 'no-store']));
    const files = await Promise.all(answers.map((answer) => answer.text()));
    const stateOf = (receipt: ReturnType<typeof open>) => (receipt?.consent_record?.event as { event_state: string }).event_state;
    expect(files.map((file) => stateOf(open(file)))).toEqual(['given', 'withdrawn', 'given']);
    const [file = ''] = files;
    expect(open(file)).toMatchObject({ consent_receipt: { language: 'en', services: [{ purposes: [{ purpose: 'marketing' }] }] }, consent_record: { pii_processing: { privacy_notice: { agreement_id: 'notice', version: 1, text: 'We use your contact data.' } } } });
    const [header, payload = '', signature] = file.split('.');
    const edited = Buffer.from(Buffer.from(payload, 'base64url').toString().replace('"given"', '"taken"')).toString('base64url');
    expect([edited === payload, open([header, edited, signature].join('.'))]).toEqual([false, undefined]);

    const recordId = String(open(file)?.consent_receipt?.consentReceiptID);
    const { token } = await pageOf('somebody@example.com');
    const others = await fetch(`${host.url}/privacy/${host.workspaceId}/receipts/${recordId}?token=${token}`);
    expect([others.status, (await fetch(`${host.url}/privacy/${host.workspaceId}/receipts/${recordId}?token=over`)).status]).toEqual([404, 401]);
    const staff = await owner.get(`/consents/${recordId}/receipt`);
    expect(open(String(staff.body.jws))).toEqual(staff.body.content);
    expect([staff.body.id, staff.text.includes('nonce'), file.includes('ana')]).toEqual([recordId, false, false]);
    // What somebody has changed in the database is not signed.
    const { consents } = host.connected.collections;
    const _id = `${host.workspaceId}|${recordId}`;
    await consents.updateOne({ _id }, { $set: { recipients: ['third-party'] } });
    expect([(await owner.get(`/consents/${recordId}/receipt`)).body.code, (await fetch(links[0]!)).status]).toEqual(['RECORD_NOT_INTACT', 409]);
    await consents.updateOne({ _id }, { $set: { recipients: ['own', 'processor'] } });
    expect((await owner.get(`/consents/${recordId}/receipt`)).status).toBe(200);
  });
});

/** Makes the copies that are asked for: this host has no worker of its own. */
async function work(): Promise<void> {
  const { connected: { connection, collections, store }, configuration, repository } = host;
  const source = { collections, store, configuration, repository, publicUrl: host.url, operatorDays: { quarantine: null, deliveries: null }, clock: Date.now, signer: await createSigner(randomBytes(32)) };
  await createPersonExportWorker({ exports: createPersonExportStore(connection), write: (row, format) => writeExport(source, row, format), announce: () => Promise.resolve({}), clock: Date.now, log: { warn: () => undefined } }).tick();
}

describe('the copy of a person’s data', () => {
  const post = (url: string, form: Record<string, string>) => fetch(url, { method: 'POST', body: new URLSearchParams(form) });

  it('is asked for, made, and fetched once by its link, which shows before that it can be read', async () => {
    const identity = { namespace: 'email', value: 'cai@example.com' };
    await owner.post('/consents', { identity, agreement: { agreementId: 'notice', version: 1, language: 'zh-CN' }, decisions: [{ purpose: 'marketing', decision: 'granted' }] });
    const { body: { id: profileId } } = await owner.get('/profiles/lookup?namespace=email&value=cai@example.com');
    const { status, body: asked } = await owner.post(`/profiles/${String(profileId)}/exports`, { language: 'zh-CN' });
    expect([status, asked]).toMatchObject([201, { profileId, state: 'pending', files: [] }]);
    expect((await owner.post(`/person-exports/${String(asked.id)}/links`, {})).body.code).toBe('CONFLICT');
    await work();
    const { body: made } = await owner.get(`/person-exports/${String(asked.id)}`);
    expect(made).toMatchObject({ state: 'ready', files: [{ format: 'json', fetchedAt: null }, { format: 'html', fetchedAt: null }] });
    const [former, link] = [await owner.post(`/person-exports/${String(asked.id)}/links`, {}), await owner.post(`/person-exports/${String(asked.id)}/links`, {})].map(({ body }) => String(body.url).replace(/^https?:\/\/[^/]+/, host.url)) as [string, string];
    expect((await fetch(former)).status).toBe(401);
    await page.goto(link);
    expect(await page.getByRole('button').allTextContents()).toEqual(['保存机器可读文件（JSON）', '保存可阅读和打印的页面']);
    expect(errors).toEqual([]);

    const [form, token] = [link.split('?')[0] ?? '', new URL(link).searchParams.get('token') ?? ''];
    expect((await post(form, { token: 'none', format: 'json' })).status).toBe(401);
    const file = await post(form, { token, format: 'json' });
    const text = await file.text();
    expect([file.status, file.headers.get('content-disposition'), file.headers.get('cache-control')]).toEqual([200, 'attachment; filename=my-data.json', 'no-store']);
    expect(createHash('sha256').update(text).digest('hex')).toBe((made.files as { sha256: string }[])[0]?.sha256);
    expect(JSON.parse(text)).toMatchObject({ identities: [{ value: 'cai@example.com' }], consents: [{ decision: 'granted' }] });
    expect((await (await post(form, { token, format: 'json' })).json() as { code: string }).code).toBe('EXPORT_GONE');
    expect(await until(() => host.connected.collections.personExportChunks.countDocuments({ _id: /\|json\|/ }), (count) => count === 0)).toBe(0);
    await page.reload();
    expect(await page.getByText('已获取').count()).toBe(1);

    const html = await (await post(form, { token, format: 'html' })).text();
    // Not under the policy of the page before: the file opens from a disk.
    await page.goto('about:blank');
    await page.setContent(html);
    await page.setViewportSize({ width: 390, height: 800 });
    if (process.env.FIRSTHAND_SCREENSHOTS !== undefined) await page.screenshot({ path: `${process.env.FIRSTHAND_SCREENSHOTS}/person-export.png`, fullPage: true });
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('您的数据副本');
    expect(await page.getByText('cai@example.com').count()).toBeGreaterThan(0);
    expect(await page.evaluate<string[]>("[...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > window.innerWidth && one.closest('.scroll') === null).map((one) => one.outerHTML.slice(0, 200))")).toEqual([]);
    expect(errors).toEqual([]);
  });
});

describe('the copies on the privacy page', () => {
  const request = (path: string, form: Record<string, string>) => fetch(`${host.url}/privacy/${host.workspaceId}/${path}`, { method: 'POST', body: new URLSearchParams(form) });

  it.each([
    ['en', { region: 'Copies of your data', pending: 'It is being made', hint: 'open this page by a code', ready: 'It is ready.', json: 'Save the file for machines (JSON)', gone: 'fetched' }],
    ['zh-CN', { region: '您的数据副本', pending: '正在生成', hint: '请通过我们发送给您的验证码', ready: '已准备好。', json: '保存机器可读文件（JSON）', gone: '已获取' }],
  ])('are told of while they are made, and fetched once by who came by a code, on a phone and by keyboard, in %s', async (language, t) => {
    const address = `dana-${language.toLowerCase()}@example.com`;
    const identity = { namespace: 'email', value: address };
    await owner.post('/consents', { identity, agreement: { agreementId: 'notice', version: 1, language }, decisions: [{ purpose: 'marketing', decision: 'granted' }] });
    const { body: { id: profileId } } = await owner.get(`/profiles/lookup?namespace=email&value=${address}`);
    const { body: asked } = await owner.post(`/profiles/${String(profileId)}/exports`, { language });
    const link = String((await owner.post('/privacy-links', { identity })).body.url);
    await page.setViewportSize({ width: 360, height: 740 });
    const copies = page.getByRole('region', { name: t.region });
    await page.goto(`${link.replace(/^https?:\/\/[^/]+/, host.url)}&lang=${language}`);
    expect([await copies.textContent(), await copies.getByRole('button').count()]).toEqual([expect.stringContaining(t.pending), 0]);
    await work();
    await page.reload();
    // A link is made by staff: it tells, and gives nothing.
    expect([await copies.textContent(), await copies.getByRole('button').count()]).toEqual([expect.stringContaining(t.hint), 0]);
    const linked = await request(`copies/${String(asked.id)}`, { token: new URL(link).searchParams.get('token') ?? '', format: 'json' });
    expect(linked.status).toBe(401);

    await request('codes', { contact: address, lang: language });
    const [code = ''] = await until(() => notices.filter(({ to, kind }) => to === address && kind === 'one-time-code').map((notice) => notice.code), (sent) => sent.length === 1);
    const opened = (await (await fetch(`${host.url}/privacy/${host.workspaceId}/codes/confirm`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ contact: address, code, lang: language }) })).json()) as { url: string };
    const token = new URL(opened.url).searchParams.get('token') ?? '';
    await page.goto(opened.url.replace(/^https?:\/\/[^/]+/, host.url));
    expect([await copies.getByRole('button').count(), await page.evaluate('document.documentElement.scrollWidth'), await axe(page)]).toEqual([2, 360, []]);
    // What was decided, with its receipt: no column out of sight.
    expect(await page.evaluate<string[]>("[...document.querySelectorAll('.scroll')].filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.outerHTML)")).toEqual([]);
    expect(await copies.textContent()).toContain(t.ready);
    if (process.env.FIRSTHAND_SCREENSHOTS !== undefined) await page.screenshot({ path: `${process.env.FIRSTHAND_SCREENSHOTS}/copies-${language}.png`, fullPage: true });
    const button = copies.getByRole('button', { name: t.json });
    await button.focus();
    const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
    expect(JSON.parse(readFileSync(await download.path(), 'utf8'))).toMatchObject({ format: 'firsthand.person-export', identities: [{ value: address }] });
    expect([(await request(`copies/${String(asked.id)}`, { token, format: 'json' })).status, (await owner.get(`/person-exports/${String(asked.id)}`)).body.files]).toMatchObject([410, [{ format: 'json', fetchedAt: expect.any(String) as unknown }, { format: 'html', fetchedAt: null }]]);
    await page.reload();
    expect([await copies.getByRole('button').count(), await copies.textContent()]).toEqual([1, expect.stringContaining(`${t.json}: ${t.gone}`)]);
    expect(errors).toEqual([]);
    // Nobody else's, neither shown nor given, although this page was opened by a code.
    const { body: { id: others } } = await owner.post(`/profiles/${String((await owner.get('/profiles/lookup?namespace=email&value=cai@example.com')).body.id)}/exports`, {});
    await work();
    await page.reload();
    expect([(await request(`copies/${String(others)}`, { token, format: 'json' })).status, await copies.getByRole('listitem').count()]).toEqual([404, 1]);
  });
});
