import { createHash } from 'node:crypto';
import type { DataUseRegister } from '../../apps/host/src/admin/data-use/data-use-register.js';
import { adminClient, logIn, type AdminClient } from '../support/admin-client.js';
import { askTenant, type NamedCall } from '../support/ask-tenant.js';
import { createTenant, fingerprint, TENANT_PASSWORD, type Tenant } from '../support/create-tenant.js';
import { row } from '../support/store-rows.js';
import { startHost, type TestHost } from '../support/start-host.js';
import { TENANT_BODIES, TENANT_CALLS, THEIRS, UNTOLD, type TenantCall } from '../support/tenant-calls.js';

/** A workspace's own fields stand in every form of its dictionary, and in none that is open to all. */
let host: TestHost;
let owner: AdminClient;
let basic: string;
const MEANING = 'EU shoe size of the <b>left</b> foot.';

beforeAll(async () => {
  host = await startHost({ env: { FIRSTHAND_ROLES: 'ingest,admin' } });
  const { ownerEmail = '', ownerPassword = '' } = host.firstRun ?? {};
  owner = await logIn(host.url, ownerEmail, ownerPassword);
  basic = `Basic ${Buffer.from(`${ownerEmail}:${ownerPassword}`).toString('base64')}`;
  await owner.post('/dictionary/custom-fields', { entity: 'profile', name: 'shoeSize', type: 'integer', description: MEANING, example: 42, retentionDays: 90 });
  await owner.post('/dictionary/custom-fields', { entity: 'order', name: 'giftWrap', type: 'boolean', description: 'Whether it is wrapped.' });
});
afterAll(() => host.stop());

const page = (path: string, headers: Record<string, string> = {}) => fetch(host.url + path, { headers });

it('JSON and JSON Schema', async () => {
  const { entities } = (await owner.get('/dictionary')).body as { entities: { name: string; fields: { path: string; isCustom: boolean; pii: string; purposes: string[] }[] }[] };
  const custom = entities.flatMap(({ fields }) => fields.filter(({ isCustom, path }) => isCustom && !path.endsWith('.custom')));
  expect(custom).toEqual([expect.objectContaining({ path: 'profile.custom.shoeSize', pii: 'personal', purposes: [] }), expect.objectContaining({ path: 'order.custom.giftWrap' })]);
  const { $defs } = (await owner.get('/dictionary/schema')).body as { $defs: Record<string, { properties: Record<string, { type?: string; description?: string; properties?: object }> }> };
  expect($defs.profile?.properties['custom.shoeSize']).toMatchObject({ type: 'integer', description: MEANING });
  expect($defs.order?.properties.custom?.properties).toMatchObject({ giftWrap: { type: 'boolean' } });
});

it('the page and Markdown, for who has an account there', async () => {
  const [html, markdown] = await Promise.all([page(`/dictionary/${host.workspaceId}`, { authorization: basic }), page(`/dictionary/${host.workspaceId}/markdown`, { authorization: basic })]);
  expect([html.status, html.headers.get('content-type'), html.headers.get('cache-control')]).toEqual([200, 'text/html; charset=utf-8', 'no-store']);
  const shown = await html.text();
  expect(shown).toContain('<code>profile.custom.shoeSize</code>');
  expect(shown).toContain('EU shoe size of the &lt;b&gt;left&lt;/b&gt; foot.');
  expect([markdown.status, markdown.headers.get('content-type')]).toEqual([200, 'text/markdown; charset=utf-8']);
  expect(await markdown.text()).toContain('`order.custom.giftWrap`');
});

it('settings of identity, checked by what can hold, with what comes of them', async () => {
  const { body: built } = await owner.get('/identity-settings');
  expect(built).toMatchObject({ namespaces: [], scopes: [], mailboxRules: [], breaker: { maxIdentities: 1_000, maxMerges: 25, withinHours: 24 } });
  const { version, effective: _effective, ...settings } = built as { version: number; effective: unknown };
  const put = (given: object) => owner.put('/identity-settings', version, { ...settings, ...given });
  const wrong = await put({ namespaces: [{ namespace: 'deviceId', maxPerProfile: 1 }], scopes: [{ namespace: 'crmId', scope: 'eu', connectionIds: ['nowhere'] }] });
  expect([wrong.status, wrong.body.errors]).toEqual([400, [expect.objectContaining({ path: '/namespaces/0/maxPerProfile' }), expect.objectContaining({ path: '/scopes/0/connectionIds/0' })]]);
  const changed = await put({ namespaces: [{ namespace: 'phone', maxPerProfile: 2, rank: 5, blockedValues: ['+862164321000'] }], mailboxRules: ['gmail'] });
  expect(changed.status).toBe(200);
  expect((changed.body.effective as object[])[0]).toMatchObject({ namespace: 'phone', rank: 5, maxPerProfile: 2, isShared: false });
  expect((await owner.get('/identity-settings')).body).toEqual(changed.body);
});

it('links that wait for a decision, in pages by their age, and what is decided of them', async () => {
  const { collections, store } = host.connected;
  const ws = host.workspaceId;
  const profile = (profileId: string, ...identities: [string, string][]) => ({ profile: row.profile(profileId, { workspaceId: ws, identities: identities.map(([namespace, value]) => ({ namespace, value })) }), dueAt: null });
  await store.transaction(async (t) => {
    await t.insertIdentities(ws, new Map([['userId|a', 'link-a'], ['userId|b', 'link-b'], ['userId|c', 'link-c'], ['phone|+8613912345678', 'link-a']]), 1);
    await t.writeProfiles({ inserted: [profile('link-a', ['userId', 'a'], ['phone', '+8613912345678']), profile('link-b', ['userId', 'b']), profile('link-c', ['userId', 'c'])], updated: [], deleted: [] });
    await t.writeIdentityLinks(['c', 'b'].map((name, at) => row.identityLink(`link-${name}`, { linkId: `${ws}|link-${name}`, workspaceId: ws, keys: [`userId|${name}`, 'phone|+8613912345678'], at, causeEventId: `${ws}|e-${name}` })));
  });
  const first = (await owner.get('/identity-links?limit=1')).body as { items: { id: string; ends: unknown }[]; nextCursor: string };
  expect(first.items).toEqual([expect.objectContaining({
    id: 'link-c', state: 'pending', reason: 'too-many-of-namespace', namespace: 'userId', limit: 1, isJoined: false, eventId: 'e-c', decidedAt: null,
    ends: [{ namespace: 'userId', value: 'c', profileId: 'link-c' }, { namespace: 'phone', value: '+8613912345678', profileId: 'link-a' }],
  })]);
  const second = (await owner.get(`/identity-links?limit=1&cursor=${first.nextCursor}`)).body as { items: { id: string }[]; nextCursor: null };
  expect([second.items.map(({ id }) => id), second.nextCursor]).toEqual([['link-b'], null]);
  expect((await owner.get('/identity-links?cursor=x')).status).toBe(400);
  expect((await owner.post('/identity-links/link-c/reject', {})).body).toMatchObject({ state: 'rejected', isJoined: false });
  expect((await owner.post('/identity-links/link-c/accept', {})).body).toMatchObject({ code: 'LINK_DECIDED' });
  expect((await owner.post('/identity-links/link-b/accept', {})).body).toMatchObject({ state: 'accepted', isJoined: true });
  expect((await owner.get('/identity-links')).body).toEqual({ items: [], nextCursor: null });
  expect((await collections.profiles.findOne({ _id: `${ws}|link-c` }))?.disowned).toEqual(['phone|+8613912345678']);
  expect((await collections.profiles.findOne({ _id: `${ws}|link-a` }))?.mergedFrom).toEqual(['link-b']);
  const rows = await owner.get('/audit-log?limit=50');
  expect(JSON.stringify(rows.body)).toContain('identity-links/:id/accept');
});

it('nobody else', async () => {
  for (const headers of [{}, { authorization: `Basic ${Buffer.from('owner@example.com:wrong').toString('base64')}` }, { authorization: 'Basic %%%' }]) {
    const response = await page(`/dictionary/${host.workspaceId}`, headers as Record<string, string>);
    expect([response.status, response.headers.get('www-authenticate')?.split(' ')[0]]).toEqual([401, 'Basic']);
    expect(await response.text()).not.toContain('shoeSize');
  }
  expect((await page('/dictionary/elsewhere', { authorization: basic })).status).toBe(401);
  const [email, password] = Buffer.from(basic.slice(6), 'base64').toString().split(':');
  const session = await fetch(`${host.url}/admin/v1/sessions`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ email, password }) });
  const { token } = (await session.json()) as { token: string };
  const bearer = { authorization: `Bearer ${token}` };
  expect([(await page(`/dictionary/${host.workspaceId}`, bearer)).status, (await page('/dictionary/elsewhere', bearer)).status]).toEqual([200, 404]);
  for (const open of ['/dictionary', '/dictionary.md']) expect(await (await page(open)).text()).not.toContain('shoeSize');
  // A password on a request opens the dictionary and nothing else: a browser would send it along from any page.
  expect((await page('/admin/v1/segments', { authorization: basic })).status).toBe(401);
});

describe('what the workspace does with data', () => {
  const agreed = { purposes: ['offers'], notice: { languages: ['en', 'zh-CN'], introduction: { en: 'Dear customer,' } } };

  beforeAll(async () => {
    await owner.post('/purposes', {
      key: 'offers', name: { en: 'Offers <b>', 'zh-CN': '优惠' }, description: { en: 'We write to you about offers.' }, lawfulBasis: 'consent', lawfulBasisIn: { US: 'legitimate' }, dataCategories: ['contact details'],
      fields: ['profile.email', 'profile.custom.shoeSize'], channels: ['email'], retentionDays: 400, expiresAfterDays: 365,
    });
    await owner.post('/purposes', { key: 'orders', name: { en: 'Orders' }, description: { en: 'We send what you bought.' }, lawfulBasis: 'contract', fields: [], expiresAfterDays: null });
    // It keeps what it covers for longer, whatever another purpose says; a field of the workspace's own ends before.
    await owner.post('/purposes', { key: 'repairs', name: { en: 'Repairs' }, description: { en: 'We mend what you bought.' }, lawfulBasis: 'contract', fields: ['profile.email', 'event.*', 'identities.email'], retentionDays: 900, expiresAfterDays: null });
    await owner.post('/agreements', { id: 'terms', name: 'Terms' });
  });

  it('is written as the text that customers read, and published by its hash', async () => {
    const shown = (await owner.post('/agreements/terms/versions?dryRun=true', agreed)).body as { wouldAnswer: { body: { versions: { texts: Record<string, string> }[] } } };
    const { status, body } = await owner.post('/agreements/terms/versions', agreed);
    const [version] = (body as { versions: { texts: Record<string, string>; textHashes: Record<string, string> }[] }).versions;
    expect([status, version?.texts]).toEqual([201, shown.wouldAnswer.body.versions[0]?.texts]);
    const english = version?.texts.en ?? '';
    expect(english).toMatch(/^Dear customer,\n\n/);
    for (const part of ['Offers <b>\n', 'Ground: your consent.', 'Data: contact details.', 'for it: Email.', 'Nobody but us', 'for 400 days', 'after 365 days']) expect(english).toContain(part);
    expect(english).not.toContain('Orders');
    for (const part of ['优惠', '您的同意', '400天', '敏感个人信息']) expect(version?.texts['zh-CN']).toContain(part);
    expect(version?.textHashes.en).toBe(createHash('sha256').update(english).digest('hex'));
    const empty = await owner.post('/agreements/terms/versions', { purposes: ['offers'] });
    expect([empty.status, empty.body.errors]).toEqual([400, [{ path: '/texts', message: 'holds no text, and notice asks for none' }]]);
  });

  it('stands in a register with sources and recipients, as JSON, page and Markdown', async () => {
    await owner.post('/connections', { kind: 'source', id: 'site', name: 'Our site', pluginId: 'web', capability: 'events', agreementId: 'terms', provenance: { collection: 'first-party', statement: 'Visits of <i>our</i> site.' } });
    await owner.post('/connections', { kind: 'source', id: 'till', name: 'Till', pluginId: 'web', capability: 'events', agreementId: 'other', provenance: { collection: 'first-party', statement: 'Sales.' } });
    await owner.post('/connections', { kind: 'destination', id: 'esp', name: 'Mailer', pluginId: 'webhook', recipient: 'processor', country: 'DE', settings: { url: 'https://mailer.example.com/', secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' } });
    const flow = { name: 'Tell', purpose: 'offers', trigger: { type: 'event', name: 'Order Completed' }, steps: [{ id: 'send', type: 'deliver', connectionId: 'esp', action: 'send-event' }], acceptsHistorical: false };
    const answers = [
      await owner.post('/agreements', { id: 'other', name: 'Other' }), await owner.post('/agreements/other/versions', { purposes: ['orders'], texts: { en: 'We sell.' } }),
      await owner.post('/connections/site/enable'), await owner.post('/connections/till/enable'), await owner.post('/connections/esp/enable'), await owner.post('/flows', { id: 'tell', flow }), await owner.post('/flows/tell/publish'),
    ];
    expect(answers.map(({ status }) => status).filter((status) => status >= 300)).toEqual([]);
    const { body } = await owner.get('/data-use-register');
    const { purposes } = body as unknown as DataUseRegister;
    expect(purposes).toEqual([
      expect.objectContaining({
        key: 'offers', name: 'Offers <b>', lawfulBasisIn: { US: 'legitimate' }, retentionDays: 400, agreements: [expect.objectContaining({ agreementId: 'terms', version: 1 })],
        fields: [expect.objectContaining({ path: 'profile.email', pii: 'personal', keptDays: 900 }), expect.objectContaining({ path: 'profile.custom.shoeSize', keptDays: 90 })],
        kept: [{ category: 'profile', leastDays: 90, mostDays: 900, keptBy: ['repairs'] }],
        collectedBy: [expect.objectContaining({ connectionId: 'site' })], sharedWith: [{ connectionId: 'esp', name: 'Mailer', recipient: 'processor', country: 'DE', actions: ['send-event'], flows: ['tell'] }],
      }),
      expect.objectContaining({ key: 'orders', fields: [], kept: [], collectedBy: [expect.objectContaining({ connectionId: 'till' })], sharedWith: [] }),
      expect.objectContaining({ key: 'repairs', kept: expect.arrayContaining([{ category: 'profile', leastDays: 900, mostDays: 900, keptBy: ['repairs'] }, { category: 'identity', leastDays: null, mostDays: null, keptBy: [] }, { category: 'order', leastDays: 900, mostDays: 900, keptBy: ['repairs'] }]) as unknown }),
    ]);
    expect(body.refusedDays).toBe(30);
    const [html, markdown] = await Promise.all([page(`/data-use/${host.workspaceId}`, { authorization: basic, 'accept-language': 'zh-CN' }), page(`/data-use/${host.workspaceId}/markdown`, { authorization: basic })]);
    const [shown, written] = [await html.text(), await markdown.text()];
    for (const part of ['<html lang="zh-CN">', '优惠', 'Visits of &lt;i&gt;our&lt;/i&gt; site.', 'Mailer (esp, 受我们委托的处理方, DE): send-event; 流程 tell', '<code>profile.custom.shoeSize</code>', '档案: 90 天 至 900 天 (用于 repairs)', '标识: 客户关系存续期间', '900 天</td>', '客户拒绝后']) expect(shown).toContain(part);
    for (const part of ['## Offers <b> (`offers`)', '- **Shared with**: Mailer (esp, works on our behalf, DE): send-event; by tell', '- **Kept**: 400 days', '- **Kept in fact**: profile: 90 days to 900 days (for repairs)', 'unused: 30 days.', '`profile.email`, `profile.custom.shoeSize`']) expect(written).toContain(part);
    expect((await page(`/data-use/${host.workspaceId}`)).status).toBe(401);
  });
});

it('says where a purpose wants confirmations and nobody can be asked, in its answer and in readiness, which stays', async () => {
  const ready = async () => {
    const answer = await page('/health/ready');
    const { status, details } = (await answer.json()) as { status: string; details: Record<string, { status: string }> };
    return [answer.status, status, details.confirmations?.status];
  };
  const before = await ready();
  const { body } = await owner.post('/purposes', { key: 'letters', name: { en: 'Letters' }, description: { en: 'We write.' }, lawfulBasis: 'consent', fields: [], expiresAfterDays: null, doubleOptIn: ['email', 'sms'] });
  expect(body.warnings).toEqual([expect.objectContaining({ code: 'CANNOT_ASK_TO_CONFIRM', channels: ['email', 'sms'] })]);
  expect([(await owner.get('/purposes/letters')).body.warnings, (await owner.get('/purposes/orders')).body.warnings, before, await ready()]).toEqual([body.warnings, [], [200, 'ok', 'up'], [200, 'degraded', 'degraded']]);
});

describe('another workspace', () => {
  let theirs: Tenant;
  let paths: Record<string, Record<string, unknown>>;
  let calls: NamedCall[];
  let credentials: Record<'session' | 'write-key' | 'nobody', string | undefined>;

  beforeAll(async () => {
    theirs = await createTenant(host);
    await host.seed.purpose('care', { lawfulBasis: 'contract' });
    const { secretKey } = await host.seed.source({ pluginId: 'csv', capability: 'contacts' });
    const { token } = (await adminClient(host.url).post('/sessions', { email: host.firstRun?.ownerEmail, password: host.firstRun?.ownerPassword })).body;
    credentials = { session: `Bearer ${String(token)}`, 'write-key': `Basic ${Buffer.from(`${secretKey}:`).toString('base64')}`, nobody: undefined };
    ({ paths } = (await (await page('/docs-json')).json()) as { paths: typeof paths });
    const found = Object.entries(paths).filter(([path]) => path.includes('{')).flatMap(([path, operations]) => Object.keys(operations).map((method) => ({ verb: method.toUpperCase(), path })));
    expect(found.map(({ verb, path }) => `${verb} ${path}`).sort()).toEqual(Object.keys(TENANT_CALLS).sort());
    calls = found.map(({ verb, path }) => ({ name: `${verb} ${path}`, verb, path, call: TENANT_CALLS[`${verb} ${path}`] as TenantCall }));
  });

  const named = (thing: string): string => theirs.named[thing] ?? thing;

  it('stands in no list', async () => {
    const lists = Object.entries(paths).filter(([path, { get }]) => path.startsWith('/admin/') && !path.includes('{') && get !== undefined).map(([path]) => path);
    expect(lists.length).toBeGreaterThan(20);
    for (const path of lists) expect([path, (await owner.get(path)).text]).toEqual([path, expect.not.stringMatching(/"theirs?["-]|bo@example/)]);
  });

  it('has nothing that is told from what nobody has, on any route, and nothing of it changes', async () => {
    const before = await fingerprint(host, THEIRS);
    for (const one of calls) {
      const authorization = credentials[one.call.as ?? 'session'];
      const [asked, unknown] = [await askTenant(host.url, one, named, authorization), await askTenant(host.url, one, () => 'nobody-has-this', authorization)];
      const { otherwise } = one.call;
      expect([one.name, asked.status, unknown.status]).toEqual([one.name, otherwise?.theirs ?? 404, otherwise?.unknown ?? 404]);
      if (otherwise === undefined) expect([one.name, asked.problem, unknown.problem]).toEqual([one.name, unknown.problem, expect.objectContaining({ code: 'NOT_FOUND' })]);
    }
    expect(await fingerprint(host, THEIRS)).toEqual(before);
    expect(Object.keys(before)).toEqual(expect.arrayContaining(['agreements', 'apiKeys', 'auditTrail', 'connections', 'customFields', 'deliveries', 'flows', 'identities', 'mappings', 'profiles', 'purposes', 'quarantine', 'roles', 'segments', 'sessions', 'users']));
  });

  it('cannot be named in a body either', async () => {
    for (const [path, bodyOf] of Object.entries(TENANT_BODIES)) {
      const [asked, unknown] = await Promise.all(['their', 'no'].map((whose) => owner.post(path, bodyOf(whose))));
      expect([path, asked?.status, { ...asked?.body, ...UNTOLD }]).toEqual([path, unknown?.status, { ...unknown?.body, ...UNTOLD }]);
    }
  });

  it('finds them itself, by the same calls', async () => {
    const order = ['GET', 'POST', 'PUT', 'DELETE'];
    const { token } = (await adminClient(host.url).post('/sessions', { email: 'their-owner@example.com', password: TENANT_PASSWORD })).body;
    const statuses: [string, number][] = [];
    for (const one of [...calls].sort((a, b) => order.indexOf(a.verb) - order.indexOf(b.verb))) {
      if (one.call.as !== undefined || one.call.otherwise !== undefined) continue;
      statuses.push([one.name, (await askTenant(host.url, one, named, `Bearer ${String(token)}`)).status]);
    }
    expect(statuses.filter(([, status]) => [400, 401, 403, 404].includes(status) || status >= 500)).toEqual([]);
    expect(statuses.length).toBeGreaterThan(60);
  });
});
