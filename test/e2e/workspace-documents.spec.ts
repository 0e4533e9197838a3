import { hashPassword } from '@firsthand/access';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_PLAN_ACTIONS } from '@firsthand/domain';
import type { DataUseRegister } from '../../apps/host/src/admin/data-use/data-use-register.js';
import { adminClient, logIn, type AdminClient } from '../support/admin-client.js';
import { askTenant, type NamedCall } from '../support/ask-tenant.js';
import { createTenant, fingerprint, TENANT_PASSWORD, type Tenant } from '../support/create-tenant.js';
import { startHost, type TestHost } from '../support/start-host.js';
import { row } from '../support/store-rows.js';
import { until } from '../support/until.js';
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
    const asks = { ...flow, name: 'Ask', purpose: 'orders', steps: [{ id: 'ask', type: 'call', connectionId: 'esp', action: 'call-endpoint', mapping: { data: { city: '{{profile.city}}' } } }] };
    const answers = [
      await owner.post('/agreements', { id: 'other', name: 'Other' }), await owner.post('/agreements/other/versions', { purposes: ['orders'], texts: { en: 'We sell.' } }),
      await owner.post('/connections/site/enable'), await owner.post('/connections/till/enable'), await owner.post('/connections/esp/enable'), await owner.post('/flows', { id: 'tell', flow }), await owner.post('/flows/tell/publish'), await owner.post('/flows', { id: 'ask', flow: asks }), await owner.post('/flows/ask/publish'),
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
      // Who is asked about people receives data of them, as who is told of them does.
      expect.objectContaining({ key: 'orders', fields: [], kept: [], collectedBy: [expect.objectContaining({ connectionId: 'till' })], sharedWith: [expect.objectContaining({ connectionId: 'esp', actions: ['call-endpoint'], flows: ['ask'] })] }),
      expect.objectContaining({ key: 'repairs', kept: expect.arrayContaining([{ category: 'profile', leastDays: 900, mostDays: 900, keptBy: ['repairs'] }, { category: 'identity', leastDays: null, mostDays: null, keptBy: [] }, { category: 'order', leastDays: 900, mostDays: 900, keptBy: ['repairs'] }]) as unknown }),
    ]);
    expect(body.refusedDays).toBe(30);
    const [html, markdown] = await Promise.all([page(`/data-use/${host.workspaceId}`, { authorization: basic, 'accept-language': 'zh-CN' }), page(`/data-use/${host.workspaceId}/markdown`, { authorization: basic })]);
    const [shown, written] = [await html.text(), await markdown.text()];
    for (const part of ['<html lang="zh-CN">', '优惠', 'Visits of &lt;i&gt;our&lt;/i&gt; site.', 'Mailer (esp, 受我们委托的处理方, DE): send-event; 流程 tell', '<code>profile.custom.shoeSize</code>', '画像: 90 天 至 900 天 (用于 repairs)', '标识: 客户关系存续期间', '900 天</td>', '客户拒绝后']) expect(shown).toContain(part);
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

describe('the vocabulary of the workspace', () => {
  const FIELDS = '/dictionary/custom-fields';
  const field = (entity: string, name: string, more: object = {}) => owner.post(FIELDS, { entity, name, type: 'string', description: 'Of our own.', ...more });
  const dictionaryVersion = async () => {
    const { status, text, body } = await owner.get('/dictionary');
    expect([status, status === 200 ? '' : text]).toEqual([200, '']);
    return String(body.dictionaryVersion);
  };
  const remove = (path: string, query = '', ifMatch = 1) => owner.call('DELETE', `${path}${query}`, { ifMatch });

  it('takes entities and events, in every form that the dictionary is served in', async () => {
    const before = await dictionaryVersion();
    const answers = [
      await owner.post('/dictionary/custom-entities', { name: 'appointment', description: 'A visit that was agreed on.', pii: 'pseudonymous', retentionDays: 400, purposes: ['service'] }),
      await field('appointment', 'startsAt', { type: 'datetime', owner: 'store', example: '2026-11-24T08:00:00.000Z' }), await field('appointment', 'note', { pii: 'sensitive', retentionDays: 30 }),
      await owner.post('/dictionary/custom-events', { name: 'Appointment Booked', description: 'A visit was agreed on.', owner: 'store', pii: 'pseudonymous', retentionDays: 200, purposes: ['service'], fields: ['properties.custom.appointment.startsAt'] }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    expect([before, await dictionaryVersion()].map((version) => version.split('.').map(Number))).toEqual([[1, expect.any(Number)], [1, Number(before.split('.')[1]) + 4]]);
    const { body } = await owner.get('/dictionary');
    const own = (body.entities as { name: string; fields: object[] }[]).find(({ name }) => name === 'appointment');
    expect(own?.fields).toEqual([
      expect.objectContaining({ name: 'note', pii: 'sensitive', retentionDays: 30 }), expect.objectContaining({
        path: 'properties.custom.appointment.startsAt', name: 'startsAt', type: 'datetime', description: 'Of our own.', owner: 'store', example: '2026-11-24T08:00:00.000Z', pii: 'pseudonymous', retentionDays: 400, purposes: ['service'], isTarget: true,
      }),
    ]);
    expect(body.events).toEqual(expect.arrayContaining([expect.objectContaining({ name: 'Order Completed', isCustom: false }), expect.objectContaining({ name: 'Appointment Booked', description: 'A visit was agreed on.', owner: 'store', pii: 'pseudonymous', retentionDays: 200, purposes: ['service'], isCustom: true })]));
    const [schema, openApi, types, html, markdown] = [
      await owner.get('/dictionary/schema'), await owner.get('/dictionary/openapi'), await owner.get('/dictionary.d.ts'), await page(`/dictionary/${host.workspaceId}`, { authorization: basic }), await page(`/dictionary/${host.workspaceId}/markdown`, { authorization: basic }),
    ];
    expect(schema.body.$defs).toMatchObject({ appointment: { type: 'object', properties: { startsAt: { type: 'string', format: 'date-time', 'x-pii': 'pseudonymous' } } } });
    expect(openApi.body).toMatchObject({ openapi: '3.1.0', info: { version: await dictionaryVersion() }, components: { schemas: { Profile: { type: 'object' }, Appointment: { properties: { note: { type: 'string' } } } } } });
    expect([types.headers.get('content-type'), types.text]).toEqual([expect.stringMatching(/^application\/typescript/), expect.stringMatching(/^\/\/ Data dictionary 1\.\d+\n[^]*\bstartsAt\?: string;[^]*\| "Appointment Booked"/)]);
    for (const text of [await html.text(), await markdown.text()]) expect(text).toMatch(/properties\.custom\.appointment\.note[^]*Appointment Booked/);
  });

  it('refuses names that do not keep the convention, with a better one', async () => {
    const refused = async (answer: Promise<{ status: number; body: Record<string, unknown> }>) => {
      const { status, body } = await answer;
      return [status, body.code, (body.errors as { path: string; message: string }[] | undefined)?.map(({ path, message }) => `${path} ${message}`).join()];
    };
    expect(await refused(field('profile', 'shoe_width'))).toEqual([422, 'NAMING_CONVENTION', expect.stringMatching(/^\/name .*write "shoeWidth"/)]);
    expect(await refused(field('profile', 'emails'))).toEqual([422, 'NAMING_CONVENTION', expect.stringMatching(/"email"/)]);
    expect(await refused(field('profile', 'shoesize'))).toEqual([422, 'NAMING_CONVENTION', expect.stringMatching(/"shoeSize"/)]);
    expect(await refused(field('profile', 'properties'))).toEqual([422, 'NAMING_CONVENTION', expect.stringMatching(/reserved/)]);
    expect(await refused(owner.post('/dictionary/custom-events', { name: 'appointment_moved', description: 'X.' }))).toEqual([422, 'NAMING_CONVENTION', expect.stringMatching(/write "Appointment Moved"/)]);
    expect(await refused(owner.post('/dictionary/custom-entities', { name: 'appointments', description: 'X.' }))).toEqual([422, 'NAMING_CONVENTION', expect.stringMatching(/"appointment"/)]);
    expect(await refused(owner.post('/dictionary/custom-events', { name: 'Appointment Moved', description: 'X.', fields: ['properties.nope'] }))).toEqual([400, 'INVALID_REQUEST', expect.stringMatching(/^\/fields\/0/)]);
    expect((await field('profile', 'emails', { distinctFrom: ['email'] })).status).toBe(201);
    expect((await owner.call('DELETE', `${FIELDS}/profile.emails?storedValues=drop`, { ifMatch: 1 })).status).toBe(204);
  });

  it('changes freely what breaks nothing, and makes a new major version of what does', async () => {
    await field('profile', 'beltSize', { type: 'integer' });
    const put = (body: object, ifMatch: number, query = '') => owner.put(`${FIELDS}/profile.beltSize${query}`, ifMatch, body);
    expect((await put({ description: 'In centimetres.' }, 1)).body).toMatchObject({ version: 2, field: { type: 'integer', description: 'In centimetres.' } });
    const minor = await dictionaryVersion();
    const refused = await put({ type: 'string', pii: 'none' }, 2);
    expect([refused.status, refused.body.code, refused.body.errors]).toEqual([409, 'DICTIONARY_BREAKING', [
      { path: '/type', message: 'was integer' }, { path: '/pii', message: 'was personal: more people would see it' }, { path: '/storedValues', message: 'is one of convert, drop, keep' },
    ]]);
    await host.connected.collections.profiles.insertOne({ ...row.profile('belted', { fields: { 'custom%2EbeltSize': { value: 90, at: 1, source: 'x', origin: 'm', version: 1 } } }), _id: `${host.workspaceId}|belted`, workspaceId: host.workspaceId, dueAt: null } as never);
    const tried = (await put({ type: 'string', storedValues: 'convert' }, 2, '?dryRun=true')).body as { wouldAnswer: object; wouldWrite: object[]; effects: object[] };
    expect(tried).toMatchObject({ wouldAnswer: { status: 200, body: { dictionaryVersion: expect.stringMatching(/^\d+\.0$/) as string } }, wouldWrite: [{ kind: 'customFields', id: 'profile.beltSize', change: 'updated' }, { kind: 'dictionaryVersions', change: 'created' }] });
    expect(tried.effects).toEqual(expect.arrayContaining([{ effect: 'people-with-a-value', count: 1 }, { effect: 'sampled-values-that-convert', count: 1 }, { effect: 'sampled-values-that-cannot-be-read', count: 0 }]));
    expect(await dictionaryVersion()).toBe(minor);
    const changed = await put({ type: 'string', storedValues: 'convert' }, 2);
    expect([changed.status, changed.body.dictionaryVersion, await dictionaryVersion()]).toEqual([200, `${Number(minor.split('.')[0]) + 1}.0`, changed.body.dictionaryVersion]);
    expect(((await owner.get('/dictionary/versions?limit=1')).body.items as object[])[0]).toMatchObject({ dictionaryVersion: changed.body.dictionaryVersion, changes: [{ path: 'profile.custom.beltSize', change: 'changed', breaks: ['/type was integer'], storedValues: 'convert' }] });
    const renamed = await put({ name: 'waistSize', storedValues: 'convert' }, 3);
    expect([renamed.status, renamed.body]).toEqual([200, expect.objectContaining({ id: 'profile.waistSize', version: 1 })]);
    expect([(await owner.get(`${FIELDS}/profile.beltSize`)).status, (await owner.get(`${FIELDS}/profile.waistSize`)).body.field]).toEqual([404, expect.objectContaining({ name: 'waistSize', type: 'string' })]);
    // Stored events stay as they happened.
    expect((await owner.put(`${FIELDS}/appointment.startsAt`, 1, { type: 'string', storedValues: 'convert' })).body.code).toBe('DICTIONARY_BREAKING');
    expect((await put({ type: 'string', storedValues: 'convert' }, 9)).status).toBe(404);
  });

  it('lets nothing go that is in use, and names every user', async () => {
    await field('profile', 'hatSize', { type: 'integer' });
    await field('event', 'mood');
    const mapping = { name: '{{event}}', 'identities.userId': '{{userId}}', 'profile.custom.hatSize': '{{traits.hat}}', 'properties.custom.mood': '{{properties.mood}}', 'properties.custom.appointment.startsAt': '{{properties.starts}}' };
    const flow = {
      name: 'Mood', purpose: 'offers', acceptsHistorical: false, trigger: { type: 'event', name: 'Appointment Booked', where: [{ path: 'properties.custom.mood', op: 'eq', value: 'good' }] },
      steps: [{ id: 'send', type: 'deliver', connectionId: 'esp', action: 'send-event', mapping: { event: { mood: '{{event.properties.custom.mood}}' }, profile: { hat: '{{profile.custom.hatSize}}' } } }],
    };
    const made = [
      await owner.put('/mappings/site', 0, { mapping }), await owner.post('/mappings/site/publish'), await owner.post('/segments', { id: 'hatted', name: 'Hatted', purpose: 'offers', condition: { trait: 'custom.hatSize', op: 'gt', value: 50 } }), await owner.post('/segments/hatted/publish'),
      await owner.post('/tracking-plans', { id: 'moods', name: 'Moods', plan: { actions: DEFAULT_PLAN_ACTIONS, events: [{ name: 'Product Viewed', schema: { properties: { properties: { properties: { custom: { properties: { mood: { type: 'string' } } } } } } } }] } }),
      await owner.post('/flows', { id: 'mood', flow }), await owner.post('/flows/mood/publish'), await owner.post('/purposes', { key: 'hats', name: { en: 'Hats' }, description: { en: 'Hats.' }, lawfulBasis: 'contract', fields: ['profile.custom.hatSize'], expiresAfterDays: null }),
    ];
    expect(made.map(({ status }) => status).filter((status) => status >= 300)).toEqual([]);
    const users = async (path: string) => { const { status, body } = await remove(path, '?storedValues=drop'); return [status, (body.errors as { path: string }[]).map((place) => place.path)]; };
    expect(await users(`${FIELDS}/profile.hatSize`)).toEqual([409, ['/mappings/site', '/segments/hatted', '/flows/mood', '/purposes/hats']]);
    expect(await users(`${FIELDS}/event.mood`)).toEqual([409, ['/mappings/site', '/flows/mood', '/tracking-plans/moods']]);
    expect((await owner.call('DELETE', '/tracking-plans/moods', { ifMatch: 1 })).status).toBe(204);
    expect(await users(`${FIELDS}/appointment.startsAt`)).toEqual([409, ['/mappings/site', '/events/Appointment Booked']]);
    expect(await users('/dictionary/custom-events/Appointment%20Booked')).toEqual([409, ['/flows/mood']]);
    expect(await users('/dictionary/custom-entities/appointment')).toEqual([409, ['/fields/appointment.note', '/fields/appointment.startsAt']]);
    const retyped = await owner.put(`${FIELDS}/profile.hatSize`, 1, { type: 'boolean', storedValues: 'drop' });
    expect([retyped.status, (retyped.body.errors as { path: string }[])[0]?.path]).toEqual([409, expect.stringMatching(/^\/segments\/hatted\//)]);
    expect((await owner.put(`${FIELDS}/profile.hatSize`, 1, { name: 'capSize', storedValues: 'convert' })).body.code).toBe('CONFLICT');
    expect((await remove(`${FIELDS}/appointment.note`)).body.code).toBe('DICTIONARY_BREAKING');
    expect((await remove(`${FIELDS}/appointment.note`, '?storedValues=keep')).status).toBe(204);
  });

  it('tells where each field comes from and goes to, as far as the reader may know', async () => {
    const lineage = async (path: string, client = owner) => (await client.get(`/dictionary/lineage?path=${path}`)).body as { fields: Record<string, unknown>[]; events: Record<string, unknown>[] };
    expect((await lineage('profile.custom.hatSize')).fields).toEqual([{
      path: 'profile.custom.hatSize', fedBy: [{ connectionId: 'site', mappingVersion: 1, from: ['traits.hat'] }], segments: ['hatted'], flows: ['mood', 'tell'], purposes: ['hats'],
      // `tell` sends the whole profile.
      destinations: expect.arrayContaining([{ connectionId: 'esp', action: 'send-event', flow: 'mood', field: 'profile.hat' }, { connectionId: 'esp', action: 'send-event', flow: 'tell', field: 'profile' }]) as unknown,
    }]);
    expect((await lineage('profile.email')).fields[0]).toMatchObject({ fedBy: [{ connectionId: 'till', mappingVersion: 0, from: expect.arrayContaining(['traits.email']) as string[] }], purposes: ['offers', 'repairs'] });
    expect((await lineage('Appointment%20Booked')).events).toEqual([{ name: 'Appointment Booked', fedBy: ['site', 'till'], segments: [], flows: ['mood'] }]);
    const html = await (await page(`/dictionary/${host.workspaceId}`, { authorization: basic })).text();
    for (const part of ['site: traits.hat (mapping 1)', 'segment hatted', 'flow mood', 'purpose hats']) expect(html).toContain(`<li>${part}</li>`);
    expect(html).toContain('<li>destination esp: profile.hat of send-event, by flow mood</li>');
    expect(await (await page('/dictionary')).text()).not.toContain('Fed by');
    const { apiKey } = (await owner.post('/api-keys', { name: 'Analyst', roles: ['analyst'] })).body as { apiKey: string };
    expect((await lineage('profile.custom.hatSize', adminClient(host.url, apiKey))).fields[0]).toMatchObject({ fedBy: [], segments: ['hatted'] });
  });
});

describe('the configuration as documents', () => {
  interface Document { kind: string; id: string; content: Record<string, unknown> }
  interface Change { kind: string; id: string; change: string; fields: string[] }
  const read = async (client = owner): Promise<Document[]> => {
    const { status, body } = await client.get('/configuration');
    expect(status).toBe(200);
    return body.documents as Document[];
  };
  const send = (documents: readonly Document[], more: object = {}, query = '', client = owner) => client.post(`/configuration${query}`, { documents, deletesOthers: true, ...more });

  it('holds no secret, and changes nothing where it came from', async () => {
    await until(() => owner.post('/roles', { id: 'support', name: 'Support', permissions: [{ actions: ['read'], subjects: ['profile'], fields: ['identities'] }] }), ({ status }) => status === 201);
    await owner.put('/flow-settings', (await owner.get('/flow-settings')).body.version, { timeZone: 'Europe/Berlin', quietHours: [], caps: [] });
    const { body, text } = await owner.get('/configuration');
    expect(text).not.toMatch(/whsec_|passwordHash|sealedSecrets|"hash"/);
    expect(body.leftOut).toEqual([{ kind: 'connections', id: 'esp', secrets: ['secret'], writeKeys: [] }]);
    expect([...new Set((body.documents as Document[]).map(({ kind }) => kind))]).toEqual(['customEntities', 'customFields', 'customEvents', 'connections', 'purposes', 'agreements', 'roles', 'mappings', 'segments', 'flows', 'settings']);
    expect((await owner.get('/configuration')).text).toBe(text);
    expect((await send(body.documents as Document[])).body).toEqual({ changes: [] });
  });

  it('deletes nothing at the word of no documents at all', async () => {
    const before = await read();
    for (const query of ['?dryRun=true', '']) expect(await send([], {}, query)).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST', errors: [{ path: '/documents', message: expect.stringContaining('send what is to stay') }] } });
    expect(await read()).toEqual(before);
    expect(await send([], { deletesOthers: false })).toMatchObject({ status: 200, body: { changes: [] } });
  });

  it('tells what it would change, and changes that', async () => {
    const before = await read();
    const pushLimits = { shrinkPercent: 20, shrinkPeople: null, growPercent: null, growPeople: null, minPeople: 5, missingPoints: null, staleHours: 48, withinHours: 24 };
    const segment = (id: string, condition: object): Document => ({ kind: 'segments', id, content: { kind: 'conditions', name: id, description: '', purpose: 'offers', condition, pushLimits, status: 'live', published: { name: id, purpose: 'offers', condition } } });
    const wanted = [
      ...before.filter(({ id }) => id !== 'hatted').map((document): Document => (document.id === 'hats' ? { ...document, content: { ...document.content, retentionDays: 30, name: { en: 'Caps' } } } : document)),
      // The one that is read comes behind the one that reads it.
      segment('all-old', { segment: 'the-old' }), segment('the-old', { trait: 'age', op: 'gt', value: 60 }), { kind: 'customFields', id: 'profile.sleeveLength', content: { entity: 'profile', name: 'sleeveLength', type: 'integer', description: 'In cm.' } },
    ];
    const expected = [
      { kind: 'customFields', id: 'profile.sleeveLength', change: 'created', fields: [] }, { kind: 'purposes', id: 'hats', change: 'changed', fields: ['/name/en', '/retentionDays'] }, { kind: 'segments', id: 'all-old', change: 'created', fields: [] },
      { kind: 'segments', id: 'hatted', change: 'deleted', fields: [] }, { kind: 'segments', id: 'the-old', change: 'created', fields: [] },
    ];
    const tried = await send(wanted, {}, '?dryRun=true');
    expect((tried.body.wouldAnswer as { body: unknown }).body).toEqual({ changes: expected });
    expect(await read()).toEqual(before);
    expect((await send(wanted)).body).toEqual({ changes: expected });
    const byName = (documents: readonly Document[]) => documents.map((document) => JSON.stringify([document.kind, document.id, document.content.status])).sort();
    expect(byName(await read())).toEqual(byName(wanted));
    expect((await read()).find(({ id }) => id === 'the-old')?.content.pushLimits).toEqual(pushLimits);
    // Who keeps what is not there deletes nothing.
    expect((await owner.post('/configuration', { documents: [] })).body).toEqual({ changes: [] });
  });

  it('is refused as a whole, with every document that is wrong', async () => {
    const before = await read();
    const wrong: Document[] = [
      { kind: 'purposes', id: 'news', content: { name: { en: 'News' }, description: { en: 'News.' }, lawfulBasis: 'consent', fields: [], expiresAfterDays: null } }, { kind: 'customFields', id: 'profile.sleeve_width', content: { entity: 'profile', name: 'sleeve_width', type: 'integer', description: 'In cm.' } },
      { kind: 'mappings', id: 'till', content: { draft: { mapping: { 'profile.nope': '{{x}}' }, tests: [] }, published: null } }, { kind: 'agreements', id: 'other', content: { name: 'Other', versions: [] } },
    ];
    const { status, body } = await send([...before.filter(({ kind, id }) => kind !== 'agreements' || id !== 'other'), ...wrong]);
    expect([status, body.code, (body.errors as { path: string; message: string }[]).map(({ path, message }) => `${path} ${message.split(':')[0] ?? ''}`).sort()]).toEqual([422, 'INVALID_CONFIGURATION', [
      '/agreements/other/versions/0 CONFLICT', '/customFields/profile.sleeve_width/name NAMING_CONVENTION', '/mappings/till/profile.nope INVALID_MAPPING',
    ]]);
    expect(await read()).toEqual(before);
    expect((await send([...before, ...before.slice(0, 1)])).body.code).toBe('INVALID_CONFIGURATION');
    // A published flow stays for its evidence.
    expect((await send(before.filter(({ kind }) => kind !== 'flows'))).body.code).toBe('INVALID_CONFIGURATION');
  });

  it('lies in files that say the same twice, and is taken from them', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'configuration-'));
    const { apiKey } = (await owner.post('/api-keys', { name: 'Git', roles: ['owner'] })).body as { apiKey: string };
    const run = (...args: string[]) => new Promise<{ code: number; out: string; err: string }>((resolve) => {
      execFile(process.execPath, ['scripts/config-files.mjs', ...args, '--url', host.url], { env: { ...process.env, FIRSTHAND_API_KEY: apiKey } }, (error, out, err) => { resolve({ code: Number(error?.code ?? 0), out, err }); });
    });
    const files = async (): Promise<Record<string, string>> => Object.fromEntries(await Promise.all((await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.json')).sort().map(async (name) => [name, await readFile(join(folder, name), 'utf8')])));
    expect(await run('export', '--to', folder)).toMatchObject({ code: 0, err: '' });
    const first = await files();
    expect(Object.keys(first)).toEqual(expect.arrayContaining(['customEvents/Appointment%20Booked.json', 'left-out.json', 'settings/flows.json']));
    await writeFile(join(folder, 'customFields', 'profile.gone.json'), '{}');
    expect(await run('export', '--to', folder)).toMatchObject({ code: 0 });
    expect(await files()).toEqual(first);
    await writeFile(join(folder, 'purposes', 'hats.json'), (first['purposes/hats.json'] ?? '').replace('"Caps"', '"Hats again"'));
    expect(await run('import', '--from', folder, '--dry-run')).toEqual({ code: 0, err: '', out: 'changed purposes/hats\n  /name/en\n1 change; nothing was done.\n' });
    expect(await run('import', '--from', folder)).toMatchObject({ code: 0, out: 'changed purposes/hats\n  /name/en\n1 change.\n' });
    expect((await owner.get('/purposes/hats')).body.name).toEqual({ en: 'Hats again' });
    await writeFile(join(folder, 'purposes', 'hats.json'), '{}');
    expect(await run('import', '--from', folder)).toMatchObject({ code: 1, err: expect.stringMatching(/^REFUSED: 422 INVALID_CONFIGURATION .*\n\/purposes\/hats\/name: INVALID_REQUEST/) as string });
    expect(await run('import')).toMatchObject({ code: 2, err: 'CANNOT TELL: name a folder: --from FOLDER\n' });
    // What is in no file goes: a folder without any, misspelled, would take all of it away.
    expect(await run('import', '--from', `${folder}s`, '--dry-run')).toMatchObject({ code: 2, out: '', err: expect.stringMatching(/^CANNOT TELL: .*s holds no documents/) as string });
  });

  it('makes the same of an empty workspace, with the secrets that it does not hold', async () => {
    await host.repository.create('workspaces', 'empty', 'empty', { name: 'Empty' }, Date.now());
    await host.repository.create('users', 'empty', 'their-owner', { email: 'empty@example.com', name: 'Empty', roles: ['owner'], passwordHash: await hashPassword(TENANT_PASSWORD), tokenVersion: 1, isDisabled: false }, Date.now());
    const login = { email: 'empty@example.com', password: TENANT_PASSWORD };
    // Asked for until it is known, a login would be locked out for its failures.
    await host.configuration.refresh();
    const { body: { token } } = await until(() => adminClient(host.url).post('/sessions', login), ({ status }) => status !== 503);
    const empty = adminClient(host.url, String(token));
    // Ids of connections are the whole installation's.
    const text = JSON.stringify(await read()).replaceAll(/"(site|till|esp)"/g, '"$1-again"');
    const wanted = JSON.parse(text) as Document[];
    // A store that is too slow for the whole at once says so, and has changed nothing.
    const sent = (more: object) => until(() => send(wanted, more, '', empty), ({ status }) => status !== 503);
    const refused = await sent({});
    expect([refused.status, (refused.body.errors as { path: string }[])[0]?.path]).toEqual([422, '/connections/esp-again/settings/secret']);
    expect(await read(empty)).toEqual([]);
    const secrets = { 'esp-again': { secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' } };
    const done = await sent({ secrets });
    expect([done.status, (done.body.changes as Change[] | undefined)?.every(({ change }) => change === 'created'), done.status === 200 ? '' : done.text]).toEqual([200, true, '']);
    expect(JSON.stringify(await read(empty))).toBe(JSON.stringify(sorted(wanted)));
    expect((await sent({})).body).toEqual({ changes: [] });
  });

  /** By kind as they are, then by id. */
  function sorted(documents: readonly Document[]): Document[] {
    const kinds = [...new Set(documents.map(({ kind }) => kind))];
    return kinds.flatMap((kind) => documents.filter((document) => document.kind === kind).sort((one, other) => (one.id < other.id ? -1 : 1)));
  }
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
