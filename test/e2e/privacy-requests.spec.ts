import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { openSigned, type JSONWebKeySet } from '@firsthand/access';
import { compileMapping, type JsonValue } from '@firsthand/domain';
import { createPrivacyRequestStore } from '@firsthand/persistence';
import { Redis } from 'ioredis';
import type { Browser } from 'playwright-core';
import { logIn, type AdminClient } from '../support/admin-client.js';
import { launchChromium } from '../support/chromium.js';
import { startFakeHubspot, type FakeHubspot } from '../support/fake-hubspot.js';
import { createWorld, TOMBSTONES, WORKSPACE, type World, type WorldParts } from '../support/pipeline-world.js';
import { startHost, type TestHost } from '../support/start-host.js';
import { until } from '../support/until.js';
import { startVendorServer, type VendorServer } from '../support/vendor-server.js';

const MAPPING = compileMapping({ type: '{{type}}', messageId: '{{id}}', occurredAt: '{{at}}', 'identities.crmId': '{{crmId}}', 'identities.email': '{{email}}', 'properties.reason': '{{reason}}' });

describe('a record that says a person asked to be erased', () => {
  let world: World;
  afterEach(() => world.close());

  async function start(source: WorldParts['sources'][number] = {}): Promise<void> {
    world = await createWorld((parts) => {
      parts.sources = [{ connectionId: 'crm', mapping: MAPPING, ...source }];
    });
  }

  const deletion = (id: string, more: Record<string, JsonValue> = {}): JsonValue => ({
    type: 'delete', id, at: '2026-03-01T11:00:00Z', crmId: 'crm-1', reason: 'privacy-request', ...more,
  });
  const requests = () => world.store.collections.privacyRequests.find({}).sort({ _id: 1 }).toArray();
  const send = async (records: JsonValue[], isVerified = true): Promise<void> => {
    await world.track(records, { connectionId: 'crm', isVerified });
    await world.settle();
  };

  it('is a request about the person, in the same transaction as its event', async () => {
    await start();
    await send([{ type: 'identify', id: 'm1', at: '2026-03-01T10:00:00Z', crmId: 'crm-1', email: 'ana@example.com' }]);
    await send([deletion('m2')]);
    const [profile] = await world.store.collections.profiles.find({}).toArray();
    const [event] = await world.store.collections.events.find({ 'record.type': 'delete' }).toArray();
    const [request, ...others] = await requests();
    expect(others).toEqual([]);
    expect(request).toMatchObject({ workspaceId: WORKSPACE, version: 1, schemaVersion: 1, createdAt: world.clock.now });
    expect(request?._id).toBe(`${WORKSPACE}|${request?.id}`);
    expect(request?.content).toEqual({
      kind: 'erasure', status: 'received', identities: [{ namespace: 'crmId', value: 'crm-1' }], profileId: profile?.profileId, source: 'hook', connectionId: 'crm', eventId: event?._id, isVerified: true, verification: 'source',
      regime: 'gdpr', requestedAt: Date.parse('2026-03-01T11:00:00Z'), receivedAt: world.clock.now, dueAt: world.clock.now + 30 * 86_400_000, extension: null, refusal: null, details: null, result: null, machine: null,
      alerts: { dueSoonAt: null, overdueAt: null }, history: [{ at: world.clock.now, from: null, to: 'received', actor: { kind: 'system', id: null }, reason: 'source' }],
    });
  });

  it('is one request however often it comes, and stays as somebody has worked on it', async () => {
    await start();
    await send([deletion('m1'), deletion('m1')]);
    await world.store.collections.privacyRequests.updateOne({}, { $set: { version: 2 } });
    await send([deletion('m1')]);
    await expect(requests()).resolves.toMatchObject([{ version: 2 }]);
    await send([deletion('m2')]);
    await expect(requests()).resolves.toHaveLength(2);
  });

  it('needs no consent of the person, and is not worn off by a repeat', async () => {
    await start({ collectionPurpose: 'marketing' });
    await send([deletion('m1')]);
    await world.store.collections.privacyRequests.updateOne({}, { $set: { version: 2 } });
    await send([deletion('m1')]);
    expect(await world.store.collections.events.countDocuments({})).toBe(0);
    await expect(requests()).resolves.toMatchObject([{ version: 2, content: { profileId: null, identities: [{ namespace: 'crmId', value: 'crm-1' }] } }]);
  });

  it('says when nobody has proved it', async () => {
    await start();
    await send([deletion('m1')], false);
    await expect(requests()).resolves.toMatchObject([{ content: { isVerified: false, verification: null, status: 'identity-check' } }]);
  });

  it('asks for nothing when the system itself deleted the person, or when it is no deletion', async () => {
    await start();
    await send([deletion('m1', { reason: 'deleted-in-crm' }), deletion('m2', { type: 'identify' }), deletion('m3', { reason: null })]);
    await expect(requests()).resolves.toEqual([]);
  });

  it('is moved on by one of two workers that try at once, and by none before it is shown who asks', async () => {
    await start();
    await send([deletion('m1')], false);
    const store = createPrivacyRequestStore(world.store.collections);
    const [{ requestId } = { requestId: '' }] = await store.findPrivacyRequests({ workspaceId: WORKSPACE, statuses: ['identity-check'], kinds: ['erasure'], limit: 1 });
    const change = { at: 5, actor: { kind: 'system', id: null } } as const;
    await expect(store.advancePrivacyRequest(requestId, 'identity-check', { ...change, to: 'in-progress' })).rejects.toMatchObject({ code: 'IDENTITY_UNVERIFIED' });
    await world.store.collections.privacyRequests.updateOne({ _id: requestId }, { $set: { 'content.status': 'received' } });
    await expect(store.advancePrivacyRequest(requestId, 'received', { ...change, to: 'in-progress' })).rejects.toMatchObject({ code: 'IDENTITY_UNVERIFIED' });
    await world.store.collections.privacyRequests.updateOne({ _id: requestId }, { $set: { 'content.isVerified': true } });
    await store.advancePrivacyRequest(requestId, 'received', { ...change, to: 'in-progress' });
    const both = await Promise.all([1, 2].map((n) => store.advancePrivacyRequest(requestId, 'in-progress', { ...change, to: 'completed', result: { n } })));
    expect(both.filter((row) => row !== undefined)).toHaveLength(1);
    await expect(store.advancePrivacyRequest(requestId, 'completed', { ...change, to: 'cancelled' })).rejects.toMatchObject({ code: 'REQUEST_TRANSITION' });
    expect((await store.findPrivacyRequest(requestId))?.history.map(({ to }) => to)).toEqual(['identity-check', 'in-progress', 'completed']);
  });

  it('does not bring back somebody who was erased', async () => {
    await start();
    await world.store.collections.tombstones.insertOne({ _id: `${WORKSPACE}|${TOMBSTONES.digest(WORKSPACE, 'crmId|crm-1')}`, schemaVersion: 1, workspaceId: WORKSPACE, keyId: 'k', createdAt: 0 });
    await send([deletion('m1'), deletion('m2', { crmId: 'crm-2' })]);
    await expect(requests()).resolves.toMatchObject([{ content: { identities: [{ value: 'crm-2' }] } }]);
  });
});

describe("HubSpot's privacy deletion", () => {
  let host: TestHost;
  let owner: AdminClient;
  let receiver: VendorServer;
  let hubspot: FakeHubspot;
  let browser: Browser;
  const notices: { kind: string; to: string; code?: string; count?: number; link?: string; subject?: string; text?: string; language?: string; expiresAt?: string }[] = [];
  beforeAll(async () => {
    receiver = await startVendorServer(({ text }) => {
      notices.push(JSON.parse(text) as (typeof notices)[number]);
      return { status: 204 };
    });
    [host, browser] = await Promise.all([startHost({ env: { FIRSTHAND_NOTIFY_WEBHOOK_URL: `${receiver.url}/`, FIRSTHAND_NOTIFY_WEBHOOK_SECRET: 'a secret of the notices' } }), launchChromium()]);
    // A deleted contact is looked up: it may have been merged into another.
    hubspot = await startFakeHubspot({ clientSecret: 'client-secret' });
    const { portalId, apiBaseUrl, ...secrets } = hubspot.settings;
    await host.seed.source({ pluginId: 'hubspot', capability: 'webhooks', id: 'crm', settings: { portalId, apiBaseUrl }, secrets });
    owner = await logIn(host.url, host.firstRun?.ownerEmail ?? '', host.firstRun?.ownerPassword ?? '');
  });
  afterAll(async () => {
    await browser.close();
    await host.stop();
    await hubspot.close();
    await receiver.close();
  });

  async function webhook(events: object[]): Promise<number> {
    const body = JSON.stringify(events);
    const timestamp = String(Date.now());
    const signature = createHmac('sha256', 'client-secret').update(`POST${host.url}/hooks/crm${body}${timestamp}`).digest('base64');
    const headers = { 'content-type': 'application/json', 'x-hubspot-request-timestamp': timestamp, 'x-hubspot-signature-v3': signature };
    return (await fetch(`${host.url}/hooks/crm`, { method: 'POST', headers, body })).status;
  }

  it('is a request to work on, and a plain deletion is none', async () => {
    const event = { portalId: 62515, subscriptionId: 1, appId: 1, attemptNumber: 0, occurredAt: Date.parse('2026-11-24T08:00:00Z') };
    expect(await webhook([
      { ...event, eventId: 1, subscriptionType: 'contact.deletion', objectId: 511, changeFlag: 'DELETED' },
      { ...event, eventId: 2, subscriptionType: 'contact.privacyDeletion', objectId: 5120012345, changeFlag: 'PRIVACY_DELETED' },
    ])).toBe(200);
    const deadline = Date.now() + 10_000;
    while (Date.now() < deadline && (await host.connected.collections.events.countDocuments({})) < 2) await new Promise((resolve) => setTimeout(resolve, 50));
    const { status, body, text } = await owner.get('/privacy-requests');
    expect([status, body]).toEqual([200, {
      items: [{
        id: expect.any(String), kind: 'erasure', status: 'received', identities: [{ namespace: 'crmId', value: 'hu***45' }], profileId: expect.any(String), source: 'hook', connectionId: 'crm', isVerified: true, verification: 'source',
        regime: 'gdpr', requestedAt: expect.any(String), receivedAt: expect.any(String), dueAt: expect.any(String), isOverdue: false, extension: null, refusal: null, result: null,
        history: [{ at: expect.any(String), from: null, to: 'received', actor: { kind: 'system', id: null }, reason: 'source' }],
      }],
      nextCursor: null,
    }]);
    expect(text).not.toContain('5120012345');
  });

  it('is carried out when an officer starts it, with a certificate that verifies and names nobody; the person may come back', async () => {
    const theirs = { namespace: 'crmId', value: 'hubspot:62515:5120012345' };
    const { items } = (await owner.get('/privacy-requests')).body as { items: { id: string; profileId: string }[] };
    const [{ id, profileId } = { id: '', profileId: '' }] = items;
    expect((await owner.get(`/profiles/${profileId}`)).status).toBe(200);
    expect((await owner.post('/legal-holds', { id: 'case', category: 'event', reason: 'Court case 12', until: '2036-01-01T00:00:00.000Z' })).status).toBe(201);
    expect((await owner.post(`/privacy-requests/${id}/start`, {})).status).toBe(200);
    const done = await until(() => owner.get(`/privacy-requests/${id}`), ({ body }) => body.status === 'completed');
    const result = done.body.result as { erasureId: string };
    expect([done.body.status, done.body.identities, done.body.profileId, result]).toEqual(['completed', [], null, expect.objectContaining({ counts: expect.objectContaining({ profiles: 1, events: 1 }) as unknown })]);
    expect((await owner.get(`/profiles/${profileId}`)).status).toBe(404);
    expect((await owner.get(`/profiles/lookup?namespace=crmId&value=${theirs.value}`)).status).toBe(404);

    const { body: { jws, content } } = await owner.get(`/erasures/${result.erasureId}/certificate`);
    const jwks = (await (await fetch(`${host.url}/.well-known/jwks.json`)).json()) as JSONWebKeySet;
    expect(await openSigned(String(jws), jwks, 'erasure-certificate+jws')).toEqual(content);
    expect(content).toMatchObject({ requestId: id, held: [{ category: 'event', reason: 'Court case 12', rows: 1 }], recipients: [], backups: { days: 35, agedOutAt: expect.any(String) as unknown } });
    for (const secret of [theirs.value, profileId]) expect(JSON.stringify(content)).not.toContain(secret);
    expect((await owner.get(`/erasures/${result.erasureId}/held-data`)).body.items).toMatchObject([{ category: 'event', record: { name: expect.any(String) as unknown } }]);

    expect((await owner.post('/consents', { identity: theirs, decisions: [{ purpose: '*', decision: 'withdrawn' }] })).body.code).toBe('PERSON_ERASED');
    const lift = { identity: theirs, reason: 'came-back' };
    expect([(await owner.post('/erasures/lift', lift)).body, (await owner.post('/erasures/lift', lift)).body]).toEqual([{ isLifted: true }, { isLifted: false }]);
    // Queues and whatever else lies in Valkey hold ids alone.
    const valkey = new Redis(process.env.REDIS_URL as string);
    // Or a text that is dumped could not be read.
    await valkey.config('SET', 'rdbcompression', 'no');
    const kept = await Promise.all((await valkey.keys('*')).map(async (key) => `${key} ${(await valkey.dumpBuffer(key))?.toString('latin1') ?? ''}`));
    valkey.disconnect();
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.filter((text) => text.includes(theirs.value) || text.includes(profileId))).toEqual([]);
  });

  it('is worked on by staff: verified with a reason, begun, put off once, refused or done, and all of it in the history', async () => {
    const EMAIL = { namespace: 'email', value: 'rita@example.com' };
    const act = async (id: unknown, what: string, body: object = {}) => {
      const { status, body: answer } = await owner.post(`/privacy-requests/${String(id)}/${what}`, body);
      return status === 200 ? String(answer.status) : `${status} ${String(answer.code)}`;
    };
    const opened = await owner.post('/privacy-requests', { kind: 'rectification', identity: EMAIL, details: { city: 'Hangzhou' } });
    expect([opened.status, opened.body]).toEqual([201, expect.objectContaining({ status: 'identity-check', regime: 'gdpr', isVerified: false, isOverdue: false, identities: [{ namespace: 'email', value: 'r***@example.com' }], details: { city: 'Hangzhou' } })]);
    const { id } = opened.body;
    expect(Date.parse(String(opened.body.dueAt)) - Date.parse(String(opened.body.receivedAt))).toBe(30 * 86_400_000);
    expect(await act(id, 'start')).toBe('409 IDENTITY_UNVERIFIED');
    expect(await act(id, 'verify', { reason: 'they said so' })).toBe('400 INVALID_REQUEST');
    expect([await act(id, 'verify', { reason: 'document' }), await act(id, 'start'), await act(id, 'cancel')]).toEqual(['received', 'in-progress', '409 REQUEST_TRANSITION']);
    expect([await act(id, 'extend', { reason: 'complexity' }), await act(id, 'extend', { reason: 'complexity' })]).toEqual(['in-progress', '409 NOT_EXTENDABLE']);
    expect([await act(id, 'complete'), await act(id, 'refuse', { reason: 'unfounded' })]).toEqual(['completed', '409 REQUEST_TRANSITION']);
    const { body } = await owner.get(`/privacy-requests/${String(id)}`);
    expect([Date.parse(String(body.dueAt)) - Date.parse(String(body.receivedAt)), body.extension]).toEqual([90 * 86_400_000, { reason: 'complexity', at: expect.any(String) as unknown }]);
    const history = body.history as { to: string; actor: object; reason: string | null }[];
    expect(history.map(({ to, reason }) => [to, reason])).toEqual([['identity-check', null], ['received', 'document'], ['in-progress', null], ['completed', null]]);
    expect(history.map(({ actor }) => actor)).toEqual(history.map(() => ({ kind: 'user', id: expect.any(String) as unknown })));
    const audited = (await owner.get(`/audit-log?resourceId=${String(id)}&outcome=done`)).body.items as { route: string }[];
    expect(audited.map(({ route }) => route.split('/').at(-1))).toEqual([':id', 'complete', 'extend', 'start', 'verify', 'privacy-requests']);
  });

  it('corrects a person by a request or a call: the profile says by whom, the audit log and the request name fields and no value', async () => {
    const [wrong, right] = ['vera@exmaple.com', 'vera@example.com'].map((value) => ({ namespace: 'email', value })) as [{ namespace: string; value: string }, { namespace: string; value: string }];
    await owner.post('/consents', { identity: wrong, decisions: [{ purpose: '*', decision: 'denied', recipients: ['sms'] }] });
    const { body: { id: profileId } } = await owner.get(`/profiles/lookup?namespace=email&value=${wrong.value}`);
    const { body: { id } } = await owner.post('/privacy-requests', { kind: 'rectification', identity: wrong, verification: 'document', details: { text: 'A letter is missing', fields: { 'profile.city': 'Oslo' }, identities: [{ namespace: 'email', to: right.value }] } });
    const act = (what: string, body: object = {}) => owner.post(`/privacy-requests/${String(id)}/${what}`, body);
    expect((await act('carry-out')).body.code).toBe('REQUEST_TRANSITION');
    await act('start');
    expect((await act('carry-out', { correction: { fields: { 'order.total': 1 } } })).body).toMatchObject({ code: 'NOT_CORRECTABLE', errors: [{ path: '/fields/order.total' }] });
    expect((await act('carry-out')).body).toMatchObject({ status: 'completed', result: { fields: ['identities.email', 'profile.city', 'profile.email'] } });
    expect((await owner.get(`/profiles/lookup?namespace=email&value=${right.value}`)).body).toMatchObject({ id: profileId, traits: expect.arrayContaining([expect.objectContaining({ name: 'city', value: 'Oslo', correction: { by: 'person', reason: 'inaccurate' } })]) as unknown });
    expect((await owner.get(`/profiles/lookup?namespace=email&value=${wrong.value}`)).body.id).not.toBe(profileId);

    const { body, status } = await owner.post(`/profiles/${String(profileId)}/rectify`, { fields: { 'profile.city': 'Bergen' }, reason: 'outdated' });
    expect([status, body]).toEqual([200, { profileId, fields: ['profile.city'], recipients: [] }]);
    expect((await owner.get(`/profiles/${String(profileId)}`)).body.traits).toEqual(expect.arrayContaining([expect.objectContaining({ name: 'city', value: 'Bergen', correction: { by: 'user', reason: 'outdated' } })]));
    const noted = await owner.get(`/audit-log?route=profile.rectified&resourceId=${String(profileId)}`);
    expect((noted.body.items as { reason: string; fields: string[] }[]).map(({ reason, fields }) => [reason, fields])).toEqual([['outdated', ['profile.city']], ['inaccurate', ['identities.email', 'profile.city']], ['inaccurate', ['order.total']]]);
    for (const value of ['Oslo', 'Bergen', 'vera@']) expect(noted.text).not.toContain(value);
  });

  it('leaves to a worker what a worker does, and is found by status, kind and due date', async () => {
    const open = async (kind: string, requestedAt: string) => String((await owner.post('/privacy-requests', { kind, identity: { namespace: 'email', value: 'li@example.com' }, verification: 'called-back', requestedAt })).body.id);
    const copy = await open('access', new Date().toISOString());
    await owner.post(`/privacy-requests/${copy}/start`, {});
    expect((await owner.post(`/privacy-requests/${copy}/complete`, {})).body.code).toBe('REQUEST_TRANSITION');
    const [late, later] = [await open('rectification', '2020-01-01T00:00:00Z'), await open('restriction', '2020-06-01T00:00:00Z')];
    await owner.post(`/privacy-requests/${late}/start`, {});
    const ids = async (query: string) => ((await owner.get(`/privacy-requests?${query}`)).body.items as { id: string }[]).map(({ id }) => id);
    expect(await ids('overdue=true')).toEqual([late, later]);
    expect([await ids('overdue=true&status=in-progress'), await ids('kind=restriction'), await ids('dueBefore=2020-03-01T00:00:00Z'), await ids('overdue=true&status=refused')]).toEqual([[late], [later], [late], []]);
    const first = await owner.get('/privacy-requests?limit=1');
    expect([(first.body.items as { id: string }[])[0]?.id, (await ids(`limit=1&cursor=${String(first.body.nextCursor)}`))]).toEqual([late, [later]]);
    // The worker counts both, and marks that it told of them.
    const metrics = () => fetch(`${host.url}/metrics`).then((answer) => answer.text());
    const overdue = `firsthand_privacy_requests_due{workspace="${host.workspaceId}",state="overdue"} 2`;
    expect(await until(metrics, (text) => text.includes(overdue))).toContain(overdue);
    const marks = () => host.connected.collections.privacyRequests.countDocuments({ 'content.alerts.overdueAt': { $ne: null } });
    expect(await until(marks, (count) => count === 2)).toBe(2);
    const told = () => notices.filter(({ kind }) => kind === 'requests-overdue');
    expect(await until(() => told().reduce((sum, { count = 0 }) => sum + count, 0), (sum) => sum === 2)).toBe(2);
    expect([...new Set(told().map(({ to }) => to))]).toEqual([host.firstRun?.ownerEmail]);
    expect(JSON.stringify(told())).not.toContain('li@example.com');
  });

  it.each([
    ['en', 'Your data at', 'The copy of your data that you asked for is ready', 'Save the file for machines (JSON)'],
    ['zh-CN', '您在', '您索取的数据副本已准备好', '保存机器可读文件（JSON）'],
  ])('is answered by a copy whose link is sent to the address that is theirs, in the language in which they asked: %s', async (language, subject, text, button) => {
    const identity = { namespace: 'email', value: `pia-${language.toLowerCase()}@example.com` };
    await owner.post('/consents', { identity, decisions: [{ purpose: '*', decision: 'denied', recipients: ['sms'] }] });
    const token = new URL(String((await owner.post('/privacy-links', { identity })).body.url)).searchParams.get('token') ?? '';
    const asked = await fetch(`${host.url}/privacy/${host.workspaceId}/requests`, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ token, lang: language, kind: 'access' }) });
    expect(asked.status).toBe(303);
    const row = await host.connected.collections.privacyRequests.findOne({ 'content.identities.value': identity.value });
    expect((await owner.post(`/privacy-requests/${String(row?.id)}/start`, {})).status).toBe(200);
    const told = () => notices.filter(({ kind, to }) => kind === 'person-export' && to === identity.value);
    const [notice] = await until(told, ({ length }) => length > 0);
    expect(notice).toMatchObject({ language, subject: expect.stringContaining(subject) as unknown, text: expect.stringContaining(text) as unknown, expiresAt: expect.stringMatching(/Z$/) as unknown });
    expect(notice?.text).toContain(notice?.link);
    // What the notice says is so: its link opens the page, and the page gives the file.
    const link = new URL(notice?.link ?? '');
    const page = await fetch(`${host.url}${link.pathname}${link.search}`);
    expect([page.status, (await page.text()).includes(button)]).toEqual([200, true]);
    const file = await fetch(`${host.url}${link.pathname}`, { method: 'POST', body: new URLSearchParams({ token: link.searchParams.get('token') ?? '', format: 'json' }) });
    expect(await file.json()).toMatchObject({ format: 'firsthand.person-export', identities: [{ value: identity.value }] });
    expect(await until(async () => (await owner.get(`/privacy-requests/${String(row?.id)}`)).body.status, (status) => status === 'completed')).toBe('completed');
    expect((await owner.get(`/person-exports/${String(row?.id)}`)).body).toMatchObject({ state: 'ready', noticedAt: expect.any(String) as unknown });
    expect(told()).toHaveLength(1);
  });

  it('is due by the law that the workspace sets', async () => {
    const { body: { version } } = await owner.get('/privacy-request-settings');
    expect((await owner.put('/privacy-request-settings', Number(version), { regime: 'pipl', holidays: ['2026-11-27'], workingWeekends: [] })).status).toBe(200);
    const { body } = await owner.post('/privacy-requests', { kind: 'objection', identity: { namespace: 'email', value: 'wu@example.com' }, requestedAt: '2026-11-24T02:00:00Z' });
    expect([body.regime, body.dueAt]).toEqual(['pipl', expect.stringContaining('2026-12-16T02:00:00') as unknown]);
    expect((await owner.post(`/privacy-requests/${String(body.id)}/extend`, { reason: 'complexity' })).body.code).toBe('NOT_EXTENDABLE');
  });

  const privacy = (path: string, body: object) => fetch(`${host.url}/privacy/${host.workspaceId}/${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  const codes = (to: string) => notices.filter((notice) => notice.kind === 'one-time-code' && notice.to === to).map(({ code = '' }) => code);
  const confirm = async (contact: string, code: string) => (await privacy('codes/confirm', { contact, code })).status;

  it('goes on when the person shows by a code that it is them: once, in time, in five tries', async () => {
    const contact = 'Mo@Example.com';
    const { body: { id } } = await owner.post('/privacy-requests', { kind: 'erasure', identity: { namespace: 'email', value: contact } });
    const [unknown, known] = [await privacy('codes', { contact: 'nobody@example.com' }), await privacy('codes', { contact })];
    expect([unknown.status, known.status, Object.keys(await unknown.json() as object), Object.keys(await known.json() as object)]).toEqual([202, 202, ['expiresAt'], ['expiresAt']]);
    const [first = ''] = await until(() => codes('mo@example.com'), (sent) => sent.length === 1);
    expect(first).toMatch(/^\d{8}$/);
    const wrong = first === '00000000' ? '00000001' : '00000000';
    expect(await confirm('nobody@example.com', first)).toBe(401);
    expect([await confirm(contact, wrong), await confirm(contact, wrong), await confirm(contact, wrong), await confirm(contact, wrong)]).toEqual([401, 401, 401, 401]);
    const stored = JSON.stringify(await host.connected.collections.oneTimeCodes.find().toArray());
    expect([stored.includes(first), stored.includes('example.com')]).toEqual([false, false]);
    const opened = await privacy('codes/confirm', { contact, code: `${first.slice(0, 4)} ${first.slice(4)}` });
    expect([opened.status, await opened.json()]).toEqual([200, { url: expect.stringContaining(`/privacy/${host.workspaceId}?token=`) as unknown, expiresAt: expect.any(String) as unknown }]);
    expect(await confirm(contact, first)).toBe(401);
    expect((await owner.get(`/privacy-requests/${String(id)}`)).body).toMatchObject({ status: 'received', isVerified: true, verification: 'code', history: [{}, { to: 'received', actor: { kind: 'person', id: null }, reason: 'code' }] });
    expect(codes('nobody@example.com')).toEqual([]);
  });

  it('is not shown by a code that was tried five times, or whose time is over', async () => {
    const contact = '+8613800138111';
    await owner.post('/privacy-requests', { kind: 'access', identity: { namespace: 'phone', value: contact } });
    await privacy('codes', { contact: '138 0013 8111', lang: 'zh-CN' });
    const [first = ''] = await until(() => codes(contact), (sent) => sent.length === 1);
    const { oneTimeCodes } = host.connected.collections;
    const key = (await oneTimeCodes.find().sort({ expiresAt: -1 }).toArray())[0]?._id ?? '';
    await oneTimeCodes.updateOne({ _id: key }, { $set: { tries: 5 } });
    expect(await confirm(contact, first)).toBe(401);
    await oneTimeCodes.updateOne({ _id: key }, { $set: { tries: 0, expiresAt: Date.now() - 1 } });
    expect(await confirm(contact, first)).toBe(401);
    // A new one counts anew, takes the other's place, and is given out a few times an hour only, whoever asks from wherever.
    await privacy('codes', { contact });
    const [, second = ''] = await until(() => codes(contact), (sent) => sent.length === 2);
    if (second !== first) expect(await confirm(contact, first)).toBe(401);
    expect(await confirm(contact, second)).toBe(200);
    await oneTimeCodes.updateOne({ _id: key }, { $set: { issued: 5 } });
    const limited = await privacy('codes', { contact });
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '3600']);
  });

  it('is asked for with codes a few times only, from one address and for one person', async () => {
    const statuses: number[] = [];
    for (let time = 0; time < 6; time += 1) statuses.push((await privacy('codes', { contact: 'often@example.com' })).status);
    expect(statuses).toEqual([202, 202, 202, 202, 202, 429]);
    expect((await privacy('codes', { contact: 'neither' })).status).toBe(400);
  });

  it.each([
    ['en', '+8613800138444', { contact: 'The number that we wrote to', code: 'Code from the message', next: 'Continue', confirm: 'I confirm', done: 'Thank you', text: 'type the code on the page' }],
    ['zh-CN', '+8613800138555', { contact: '收到短信的手机号码', code: '短信中的验证码', next: '继续', confirm: '我确认', done: '已确认', text: '请在页面上输入验证码' }],
  ])('lets people confirm by the code of a text message, which leads on to the page with the button: on a phone, by keyboard, in %s', async (language, phone, t) => {
    const purpose = `texts-${language.toLowerCase()}`;
    await host.seed.purpose(purpose, { name: { en: 'News by text', 'zh-CN': '短信资讯' }, description: { en: 'We write to you.' }, doubleOptIn: ['sms'] });
    const agreementId = await host.seed.agreement([purpose], { id: purpose });
    const { writeKey } = await host.seed.source({ pluginId: 'web', capability: 'events', agreementId });
    const headers = { authorization: `Basic ${Buffer.from(`${writeKey}:`).toString('base64')}`, 'content-type': 'application/json' };
    const sign = { anonymousId: `browser ${language}`, messageId: `form ${language}`, traits: { phone }, context: { locale: language, consent: { categoryPreferences: { [purpose]: true } } } };
    expect((await fetch(`${host.url}/v1/identify`, { method: 'POST', headers, body: JSON.stringify(sign) })).status).toBe(200);
    const [told] = await until(() => notices.filter(({ to }) => to === phone), (sent) => sent.length > 0);
    expect(told).toMatchObject({ kind: 'consent-confirmation-code', language, code: expect.stringMatching(/^\d{8}$/) as unknown, text: expect.stringContaining(t.text) as unknown });
    // Short enough for a text message: no token.
    const { code = '', link = '', text = '' } = told ?? {};
    expect([new URL(link).search, text.includes(code), text.includes(link)]).toEqual([`?lang=${language}`, true, true]);
    expect(JSON.stringify(await host.connected.collections.oneTimeCodes.find().toArray())).not.toContain(code);

    const page = await browser.newPage({ viewport: { width: 360, height: 740 } });
    const pageFaults = async () => {
      await page.evaluate(readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
      return [await page.evaluate<string[]>('axe.run().then(({ violations }) => violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`))'), await page.evaluate('document.documentElement.scrollWidth')];
    };
    const show = async (name: string) => { if (process.env.FIRSTHAND_SCREENSHOTS !== undefined) await page.screenshot({ path: `${process.env.FIRSTHAND_SCREENSHOTS}/${name}-${language}.png`, fullPage: true }); };
    const type = async (label: string, value: string) => { await page.getByLabel(label, { exact: true }).fill(value); };
    await page.goto(`${host.url}${new URL(link).pathname}${new URL(link).search}`);
    expect([await page.locator('html').getAttribute('lang'), await pageFaults()]).toEqual([language, [[], 360]]);
    await show('confirmation-code');
    await type(t.contact, phone);
    await type(t.code, code === '12345678' ? '87654321' : '12345678');
    await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
    expect([await page.getByRole('alert').count(), await page.getByLabel(t.contact, { exact: true }).inputValue(), await pageFaults()]).toEqual([1, phone, [[], 360]]);
    await type(t.code, `${code.slice(0, 4)} ${code.slice(4)}`);
    await Promise.all([page.waitForURL(/token=/), page.keyboard.press('Enter')]);
    const standing = async () => ((await owner.get(`/consents?namespace=phone&value=${encodeURIComponent(phone)}`)).body.purposes as { purpose: string; recipient: string; reason: string }[]).find((one) => one.purpose === purpose && one.recipient === 'own')?.reason;
    // The code alone has confirmed nothing.
    expect([await standing(), await page.getByRole('heading', { level: 2 }).textContent(), await pageFaults()]).toEqual(['consent-unconfirmed', language === 'en' ? 'News by text' : '短信资讯', [[], 360]]);
    await show('confirmation');
    await page.getByRole('button', { name: t.confirm }).focus();
    await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
    expect([await page.getByRole('status').textContent(), await standing(), await pageFaults()]).toEqual([expect.stringContaining(t.done), 'consent-granted', [[], 360]]);
    await page.close();
    // A code opens once, and it is no code for the person's own page.
    const again = await fetch(`${host.url}${new URL(link).pathname}/codes`, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ contact: phone, code, lang: language }) });
    expect([again.status, await confirm(phone, code)]).toEqual([401, 401]);
  });

  it('lets people confirm what was agreed to in their name over a public key: by a link, a page that changes nothing, and a button', async () => {
    await host.seed.purpose('newsletter', { name: { en: 'Newsletter', 'zh-CN': '资讯邮件' }, description: { en: 'We write to you.' }, doubleOptIn: ['email'] });
    const agreementId = await host.seed.agreement(['newsletter'], { id: 'sign-up' });
    const { writeKey } = await host.seed.source({ pluginId: 'web', capability: 'events', agreementId });
    const authorization = `Basic ${Buffer.from(`${writeKey}:`).toString('base64')}`;
    const shown = (await (await fetch(`${host.url}/v1/notice?agreementId=sign-up&version=1&language=en`, { headers: { authorization, origin: 'https://shop.example' } })).json()) as { id: string; textHash: string };
    const consent = { categoryPreferences: { newsletter: true }, servedNotice: { id: shown.id } };
    const fill = async (messageId: string, email: string, given: object) => {
      const body = JSON.stringify({ anonymousId: `browser-of-${messageId}`, messageId, traits: { email }, context: { consent: given } });
      expect((await fetch(`${host.url}/v1/identify`, { method: 'POST', headers: { authorization, 'content-type': 'application/json' }, body })).status).toBe(200);
      return until(() => notices.filter(({ kind, to }) => kind === 'consent-confirmation' && to === email.toLowerCase()), (sent) => sent.length > 0);
    };
    const told = await fill('form-1', 'Ida@Example.com', consent);
    expect(told).toMatchObject([{ to: 'ida@example.com', link: expect.stringContaining(`/privacy/${host.workspaceId}/confirmations?token=`) as unknown, text: expect.stringContaining('Newsletter') as unknown }]);
    const link = new URL(told[0]?.link ?? '');
    const standing = async () => ((await owner.get('/consents?namespace=email&value=ida@example.com')).body.purposes as { purpose: string; recipient: string; reason: string }[]).find(({ purpose, recipient }) => purpose === 'newsletter' && recipient === 'own')?.reason;
    const open = (language: string) => fetch(`${host.url}${link.pathname}?${new URLSearchParams({ token: link.searchParams.get('token') ?? '', lang: language }).toString()}`);
    const pages = await Promise.all([open('en'), open('zh-CN')].map(async (answer) => (await answer).text()));
    expect(pages.map((page) => [/<html lang="([^"]+)"/.exec(page)?.[1], /<h2[^>]*>([^<]+)/.exec(page)?.[1], page.includes('We use your data for: newsletter.'), page.includes('https://shop.example'), /<script/.test(page)])).toEqual([['en', 'Newsletter', true, true, false], ['zh-CN', '资讯邮件', true, true, false]]);
    expect(pages.join('')).not.toContain('example.com<');
    expect(await standing()).toBe('consent-unconfirmed');
    const form = new URLSearchParams([...(pages[0] ?? '').matchAll(/<input type="hidden" name="([^"]+)" value="([^"]+)">/g)].map(([, name = '', value = '']): [string, string] => [name, value]));
    const press = async () => {
      const answer = await fetch(`${host.url}${link.pathname}`, { method: 'POST', body: form });
      return [answer.status, /role="([^"]+)"/.exec(await answer.text())?.[1]];
    };
    expect(await press()).toEqual([200, 'status']);
    expect(await standing()).toBe('consent-granted');
    expect((await owner.get('/consents?namespace=email&value=ida@example.com')).body.records).toMatchObject([
      { method: 'double-opt-in', isVerified: true, textHash: shown.textHash, servedNotice: { standing: 'served', origin: 'https://shop.example' }, confirms: { recordId: expect.any(String) as unknown } }, { isUnconfirmed: true, isVerified: false },
    ]);
    expect([await press(), (await open('en')).status]).toEqual([[401, 'alert'], 401]);
    expect((await fetch(`${host.url}${link.pathname}?token=x`)).status).toBe(401);
    // Where nothing says what was shown at the form, it is what the page shows.
    const [other] = await fill('form-2', 'ola@example.com', { categoryPreferences: { newsletter: true } });
    const page = await (await fetch(other?.link ?? '')).text();
    expect(page).toContain('We use your data for: newsletter.');
    const asked = new URLSearchParams([...page.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]+)">/g)].map(([, name = '', value = '']): [string, string] => [name, value]));
    expect((await fetch(`${host.url}${link.pathname}`, { method: 'POST', body: asked })).status).toBe(200);
    expect((await owner.get('/consents?namespace=email&value=ola@example.com')).body.records).toMatchObject([{ method: 'double-opt-in', textHash: shown.textHash }, { isUnconfirmed: true, agreementVersion: 1, textHash: null }]);
  });
});
