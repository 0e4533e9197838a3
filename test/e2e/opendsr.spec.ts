import { randomUUID, verify, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_REQUEST_SETTINGS, type JsonObject } from '@firsthand/domain';
import { createPrivacyRequestStore, createRequestCallbackStore } from '@firsthand/persistence';
import { CALLBACK_LEASE_MS, createRequestCallbacks, openMachineRequest } from '@firsthand/pipeline';
import { logIn, type AdminClient } from '../support/admin-client.js';
import { startHost, type TestHost } from '../support/start-host.js';
import { TEST_CERTIFICATES } from '../support/test-certificates.js';
import { until } from '../support/until.js';
import { startVendorServer, type VendorRequest, type VendorServer } from '../support/vendor-server.js';

const folder = mkdtempSync(join(tmpdir(), 'opendsr-'));
const [certificateFile, keyFile] = ['certificate.pem', 'key.pem'].map((name) => join(folder, name)) as [string, string];
const SCOPES = ['create', 'read', 'delete', 'reveal'].map((action) => `${action}:machineRequest`);
const PEOPLE = { ana: 'ana@example.com', bo: 'bo@example.com', cleo: 'cleo@example.com' };
let host: TestHost;
let owner: AdminClient;
/** Takes callbacks at /callbacks, and the host's notices at /notices. */
let controller: VendorServer;
let clockAheadMs = 0;
let key: string;
let keyId: string;
let otherKey: string;

interface Answer { status: number; body: JsonObject; text: string; headers: Headers }

async function ask(method: string, path: string, body?: unknown, authorization: string | null = `Bearer ${key}`): Promise<Answer> {
  const response = await fetch(`${host.url}/opendsr/v2/${path}`, {
    method, headers: { ...(authorization === null ? {} : { authorization }), ...(body === undefined ? {} : { 'content-type': 'application/json' }) }, body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, text, body: response.headers.get('content-type')?.includes('json') === true ? JSON.parse(text) as JsonObject : {}, headers: response.headers };
}
const raw = (identity_value: string, identity_type = 'email', identity_format = 'raw') => ({ identity_type, identity_value, identity_format });
const request = (kind: string, email: string, over: object = {}) => ({
  regulation: 'ccpa', subject_request_id: randomUUID(), subject_request_type: kind, submitted_time: '2026-11-24T08:00:00Z', subject_identities: [raw(email)], api_version: '2.0', status_callback_urls: [`${controller.url}/callbacks`], ...over,
});
const newKey = async (scopes: string[]) => (await owner.post('/api-keys', { name: 'Controller', roles: ['privacy-officer'], scopes })).body as { id: string; apiKey: string };
const isSigned = (text: string, headers: Record<string, string | undefined>): boolean =>
  headers['x-opendsr-processor-domain'] === '127.0.0.1' && verify('sha256', Buffer.from(text), new X509Certificate(TEST_CERTIFICATES.rsa.certificate).publicKey, Buffer.from(headers['x-opendsr-signature'] ?? '', 'base64'));
const callbacksOf = (id: string): (VendorRequest & { json: JsonObject })[] =>
  controller.requests.filter(({ path }) => path === '/callbacks').map((one) => ({ ...one, json: JSON.parse(one.text) as JsonObject })).filter(({ json }) => json.subject_request_id === id);
/** What an officer calls it. */
const ours = async (id: string): Promise<string> => (await host.connected.collections.privacyRequests.findOne({ 'content.machine.subjectRequestId': id, 'content.machine.controllerId': keyId }))?.id ?? '';
const completed = (id: string) => until(() => ask('GET', `requests/${id}`), ({ body }) => body.request_status === 'completed');

beforeAll(async () => {
  writeFileSync(certificateFile, TEST_CERTIFICATES.rsa.certificate);
  writeFileSync(keyFile, TEST_CERTIFICATES.rsa.privateKey);
  controller = await startVendorServer(() => ({ status: 202 }));
  host = await startHost({
    clock: () => Date.now() + clockAheadMs,
    env: { FIRSTHAND_OPENDSR_CERTIFICATE_FILE: certificateFile, FIRSTHAND_OPENDSR_KEY_FILE: keyFile, FIRSTHAND_NOTIFY_WEBHOOK_URL: `${controller.url}/notices`, FIRSTHAND_NOTIFY_WEBHOOK_SECRET: 'a secret of the notices' },
  });
  owner = await logIn(host.url, host.firstRun?.ownerEmail ?? '', host.firstRun?.ownerPassword ?? '');
  ({ id: keyId, apiKey: key } = await newKey(SCOPES));
  ({ apiKey: otherKey } = await newKey(SCOPES));
  const { secretKey } = await host.seed.source({ pluginId: 'web', capability: 'events' });
  for (const [userId, email] of Object.entries(PEOPLE)) {
    await fetch(`${host.url}/v1/identify`, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Basic ${Buffer.from(`${secretKey}:`).toString('base64')}` }, body: JSON.stringify({ userId, traits: { email, lastName: `Name of ${userId}` } }) });
  }
  await until(() => host.connected.collections.identities.countDocuments({}), (count) => count >= 6);
});
afterAll(async () => {
  await host.stop();
  await controller.close();
  rmSync(folder, { recursive: true });
});

it('says to everybody what may be asked, and by which certificate the answers are verified', async () => {
  const { status, body, text, headers } = await ask('GET', 'discovery', undefined, null);
  expect([status, body.api_version, body.supported_subject_request_types, body.processor_certificate]).toEqual([200, '2.0', ['access', 'portability', 'erasure'], `${host.url}/opendsr/v2/certificate.pem`]);
  expect(body.supported_identities).toEqual(expect.arrayContaining([{ identity_type: 'email', identity_format: 'raw' }, { identity_type: 'controller_customer_id', identity_format: 'raw' }]));
  const certificate = await ask('GET', 'certificate.pem', undefined, null);
  expect([certificate.text, isSigned(text, Object.fromEntries(headers))]).toEqual([TEST_CERTIFICATES.rsa.certificate, true]);
});

it('takes a request that waits for an officer, and answers a repeat as the first time', async () => {
  const body = JSON.stringify(request('erasure', 'kim@example.com'), null, 1);
  const { subject_request_id: id } = JSON.parse(body) as { subject_request_id: string };
  const [first, again] = [await ask('POST', 'requests', body), await ask('POST', 'requests/', body, `Basic ${Buffer.from(`opendsr:${key}`).toString('base64')}`)];
  expect([first.status, first.body]).toEqual([201, {
    controller_id: keyId, expected_completion_time: '2027-01-08T08:00:00.000Z', received_time: expect.any(String), encoded_request: Buffer.from(body).toString('base64'), subject_request_id: id, api_version: '2.0',
  }]);
  expect(isSigned(first.text, Object.fromEntries(first.headers))).toBe(true);
  expect([again.status, again.text]).toEqual([201, first.text]);
  const other = await ask('POST', 'requests', { ...JSON.parse(body) as object, subject_request_type: 'access' });
  expect([other.status, other.body.code, (other.body.error as JsonObject).code]).toEqual([400, 'SUBJECT_REQUEST_EXISTS', 400]);
  expect((await owner.get(`/privacy-requests/${await ours(id)}`)).body).toMatchObject({ kind: 'erasure', status: 'received', source: 'machine', verification: 'machine', regime: 'ccpa', isVerified: true, history: [{ actor: { kind: 'apiKey', id: keyId }, reason: 'machine' }] });
  expect((await ask('GET', `requests/${id}`)).body).toEqual({
    controller_id: keyId, expected_completion_time: '2027-01-08T08:00:00.000Z', subject_request_id: id, request_status: 'pending', api_version: '2.0', results_url: null, results_count: null, extensions: { '127.0.0.1': { status: 'received', refusal: null, callbacks_missed: 0 } },
  });
  // What is stored of the body tells nobody who it was about.
  expect(JSON.stringify((await host.connected.collections.privacyRequests.findOne({ 'content.machine.subjectRequestId': id }))?.content.machine)).not.toContain('kim@example.com');
});

it('shows a machine what it handed in itself, and nothing else of the workspace', async () => {
  const body = request('erasure', 'kim@example.com', { status_callback_urls: [] });
  const id = body.subject_request_id;
  await ask('POST', 'requests', body);
  const other = `Bearer ${otherKey}`;
  expect([(await ask('GET', `requests/${id}`, undefined, other)).status, (await ask('DELETE', `requests/${id}`, undefined, other)).status, (await ask('GET', `requests/${id}/results`, undefined, other)).status]).toEqual([404, 404, 404]);
  expect((await ask('POST', 'requests', { ...body, subject_request_type: 'access' }, other)).status).toBe(201);
  const admin = (path: string) => fetch(`${host.url}/admin/v1/${path}`, { headers: { authorization: `Bearer ${key}` } }).then((answer) => answer.status);
  expect([await admin('privacy-requests'), await admin(`privacy-requests/${await ours(id)}`), await admin('profiles/lookup?namespace=email&value=ana@example.com')]).toEqual([403, 403, 403]);
  const { apiKey: readOnly } = await newKey(['read:machineRequest']);
  expect([(await ask('POST', 'requests', body, `Bearer ${readOnly}`)).status, (await ask('GET', `requests/${id}/results`, undefined, `Bearer ${readOnly}`)).status]).toEqual([403, 403]);
  const password = `Basic ${Buffer.from(`${host.firstRun?.ownerEmail ?? ''}:${host.firstRun?.ownerPassword ?? ''}`).toString('base64')}`;
  for (const authorization of [null, 'Bearer x', password]) expect((await ask('GET', `requests/${id}`, undefined, authorization)).status).toBe(401);
});

it.each([
  ['a digest of an address', { subject_identities: [raw('ana@example.com'), raw('f'.repeat(64), 'email', 'sha256')] }, 'IDENTITY_UNSUPPORTED', '/subject_identities/1/identity_format'],
  ['an id that nothing here holds', { subject_identities: [raw('roku-1', 'roku_advertising_id')] }, 'IDENTITY_UNSUPPORTED', '/subject_identities/0/identity_type'],
  ['two people at once', { subject_identities: [raw(PEOPLE.ana), raw('bo', 'controller_customer_id')] }, 'IDENTITIES_DIFFER', ''],
  ['nobody at all', { subject_identities: [] }, 'INVALID_REQUEST', '/subject_identities'],
  ['an id that is none', { subject_request_id: 'A7551968-D5D6-44B2-9831-815AC9017798' }, 'INVALID_REQUEST', '/subject_request_id'],
  ['no regulation', { regulation: undefined }, 'INVALID_REQUEST', '/regulation'],
  ['another version', { api_version: '1.0' }, 'INVALID_REQUEST', '/api_version'],
  ['an address with a password in it', { status_callback_urls: ['https://me:secret@controller.example/'] }, 'INVALID_REQUEST', '/status_callback_urls/0'],
  ['what our extension does not have', { extensions: { '127.0.0.1': { mpids: [1] } } }, 'INVALID_REQUEST', '/extensions/127.0.0.1'],
])('refuses %s', async (_, over, code, place) => {
  const { status, body, text } = await ask('POST', 'requests', request('access', PEOPLE.ana, over));
  const { code: http, errors: [first] } = body.error as { code: number; errors: { reason: string; message: string }[] };
  expect([status, body.code, http, first?.reason, first?.message.startsWith(place)]).toEqual([400, code, 400, code, true]);
  expect(text).not.toMatch(/ana@|ffff|roku-1|secret/);
});

it('names a body that is no JSON in the same words', async () => {
  const { status, body } = await ask('POST', 'requests', '{');
  expect([status, body.error]).toEqual([400, { code: 400, message: expect.any(String), errors: [{ domain: 'firsthand', reason: 'MALFORMED_JSON', message: expect.any(String) }] }]);
});

it('erases when an officer starts it, and tells of each change: signed, again until it is taken, naming nobody', async () => {
  const body = request('erasure', PEOPLE.bo, { extensions: { '127.0.0.1': { identities: [{ identity_type: 'userId', identity_value: 'bo' }] }, 'other.example': { anything: 1 } } });
  const id = body.subject_request_id;
  expect((await ask('POST', 'requests', body)).status).toBe(201);
  controller.script({ path: /callbacks/, answer: { status: 503 } });
  expect((await owner.post(`/privacy-requests/${await ours(id)}/start`, {})).status).toBe(200);
  expect((await until(() => callbacksOf(id), ({ length }) => length > 0)).map(({ json }) => json.request_status)).toEqual(['in_progress']);
  const { body: done } = await completed(id);
  expect(done).toMatchObject({ results_url: null, results_count: expect.any(Number) });
  expect(done.results_count).toBeGreaterThan(2);
  clockAheadMs += 6_000;
  const told = await until(() => callbacksOf(id), ({ length }) => length >= 3);
  expect(told.map(({ json }) => json.request_status)).toEqual(['in_progress', 'in_progress', 'completed']);
  expect(told.map(({ text, headers }) => isSigned(text, headers))).toEqual([true, true, true]);
  expect(told.at(-1)?.json).toEqual({ ...done, status_callback_url: `${controller.url}/callbacks` });
  expect(told.map(({ text }) => text).join()).not.toMatch(/bo@|"bo"|Name of/);
  expect(await host.connected.collections.identities.countDocuments({ _id: `${host.workspaceId}|email|${PEOPLE.bo}` })).toBe(0);
  expect((await ask('POST', 'requests', body)).status).toBe(201);
});

it('gives a copy to the machine alone, once, where the workspace lets its kind begin at once', async () => {
  const { body: { version, ...settings } } = await owner.get('/privacy-request-settings');
  expect((await owner.put('/privacy-request-settings', version, { ...settings, openDsr: { startsAtOnce: ['access'], customerIdNamespace: 'userId' } })).status).toBe(200);
  await host.configuration.refresh();
  const body = request('access', PEOPLE.ana);
  const id = body.subject_request_id;
  await ask('POST', 'requests', body);
  const { body: done } = await completed(id);
  expect([done.results_url, done.results_count]).toEqual([`${host.url}/opendsr/v2/requests/${id}/results`, 2]);
  const told = await until(() => callbacksOf(id), ({ length }) => length >= 2);
  expect(told.map(({ json: { request_status, results_url } }) => [request_status, results_url])).toEqual([['in_progress', null], ['completed', done.results_url]]);
  expect((await fetch(String(done.results_url))).status).toBe(401);
  expect((await ask('GET', `requests/${id}/results`, undefined, `Bearer ${otherKey}`)).status).toBe(404);
  const file = await ask('GET', `requests/${id}/results`);
  expect([file.status, file.body.format, file.headers.get('cache-control'), file.text.includes(PEOPLE.ana), file.text.includes(PEOPLE.cleo)]).toEqual([200, 'firsthand.person-export', 'no-store', true, false]);
  expect([(await ask('GET', `requests/${id}/results`)).body.code, (await ask('GET', `requests/${id}/results?format=html`)).status, (await ask('GET', `requests/${id}`)).body.results_url]).toEqual(['EXPORT_GONE', 200, null]);
  expect((await owner.get(`/audit-log?resourceId=${id}&outcome=done`)).body.items).toEqual(expect.arrayContaining([expect.objectContaining({ route: '/opendsr/v2/requests/:id/results', actorId: keyId })]));
  // The controller tells the person; of those whom it did not know, it hears that there is nothing.
  expect(controller.requests.filter(({ path, text }) => path === '/notices' && text.includes('person-export'))).toEqual([]);
  const nobody = request('access', 'nobody@example.com');
  await ask('POST', 'requests', nobody);
  expect((await completed(nobody.subject_request_id)).body).toMatchObject({ results_url: null, results_count: 0 });
  expect((await ask('GET', `requests/${nobody.subject_request_id}/results`)).status).toBe(404);
});

it('takes a request back as long as it is pending, and says when one was refused', async () => {
  const [taken, begun, refused] = [request('erasure', PEOPLE.cleo), request('erasure', 'somebody@example.com'), request('portability', PEOPLE.cleo)];
  for (const body of [taken, begun, refused]) await ask('POST', 'requests', body);
  const cancel = (id: string) => ask('DELETE', `requests/${id}`);
  const [first, again] = [await cancel(taken.subject_request_id), await cancel(taken.subject_request_id)];
  expect([first.status, first.body, isSigned(first.text, Object.fromEntries(first.headers)), again.text]).toEqual([202, { controller_id: keyId, subject_request_id: taken.subject_request_id, received_time: expect.any(String), api_version: '2.0' }, true, first.text]);
  expect((await owner.post(`/privacy-requests/${await ours(taken.subject_request_id)}/start`, {})).body.code).toBe('REQUEST_TRANSITION');
  await owner.post(`/privacy-requests/${await ours(begun.subject_request_id)}/start`, {});
  expect((await cancel(begun.subject_request_id)).body).toMatchObject({ code: 'REQUEST_TRANSITION', error: { code: 409 } });
  await owner.post(`/privacy-requests/${await ours(refused.subject_request_id)}/refuse`, { reason: 'legal-obligation' });
  const told = await until(() => [taken, refused].map(({ subject_request_id: id }) => callbacksOf(id).map(({ json }) => [json.request_status, json.extensions])), (all) => all.every(({ length }) => length > 0));
  const own = (status: string, refusal: string | null) => ({ '127.0.0.1': { status, refusal, callbacks_missed: 0 } });
  expect(told).toEqual([[['cancelled', own('cancelled', null)]], [['cancelled', own('refused', 'legal-obligation')]]]);
});

it('tells of each change once where two processes try at once, and goes on after one that died with it', async () => {
  // Of a workspace that the host does not know: its worker leaves it alone.
  const [workspaceId, requestId, url] = ['elsewhere', 'elsewhere|r', 'https://controller.example/'];
  const [requests, store] = [createPrivacyRequestStore(host.connected.collections), createRequestCallbackStore(host.connected.collections)];
  const clock = { now: 1_000 };
  const told: string[] = [];
  const workers = [1, 2].map(() => createRequestCallbacks({ callbacks: store, clock: () => clock.now, log: { warn: () => undefined }, send: (_, status) => Promise.resolve(void told.push(status)) }));
  const tick = () => Promise.all(workers.map((one) => one.tick([workspaceId])));
  await requests.insertPrivacyRequest(openMachineRequest({
    requestId, workspaceId, kind: 'erasure', identities: [], profileId: null, regime: 'gdpr', requestedAt: 0, actor: { kind: 'apiKey', id: 'k' }, machine: { controllerId: 'k', subjectRequestId: 's', bodyDigest: 'd' }, callbackUrls: [url],
  }, DEFAULT_REQUEST_SETTINGS, clock.now));
  await tick();
  expect(told).toEqual([]);
  await requests.advancePrivacyRequest(requestId, 'received', { to: 'in-progress', at: clock.now, actor: { kind: 'system', id: null } });
  await tick();
  await tick();
  expect(told).toEqual(['in_progress']);
  await requests.advancePrivacyRequest(requestId, 'in-progress', { to: 'completed', at: clock.now, actor: { kind: 'system', id: null } });
  expect((await store.takeDueCallbacks(workspaceId, clock.now, clock.now + CALLBACK_LEASE_MS))?.status).toBe('completed');
  await tick();
  expect(told).toEqual(['in_progress']);
  clock.now += CALLBACK_LEASE_MS;
  await tick();
  await tick();
  expect([told, (await requests.findPrivacyRequest(requestId))?.machine]).toEqual([['in_progress', 'completed'], expect.objectContaining({ dueAt: null, callbacks: [{ url, told: 2, missed: 0, attempt: 0, since: null, dueAt: null }] })]);
});
