import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { connectStore, type ConnectedStore } from '@firsthand/persistence';
import { Redis } from 'ioredis';
import { logIn, type AdminClient } from '../support/admin-client.js';
import { testEnvironment } from '../support/start-host.js';
import { startHostProcess, type HostProcess } from '../support/start-host-process.js';
import { until } from '../support/until.js';
import { startVendorServer, type VendorServer } from '../support/vendor-server.js';

/** What a host writes to its log, tells Valkey and keeps in its audit log, while everything happens to people that can: nothing of it names them. */
const PLAY = pathToFileURL(join(import.meta.dirname, '../../scripts/demo/play.mjs')).href;
/** Of the demo's customers, and of those whose records go wrong here. */
const PERSONAL = ['customer-a', 'customer-b', '8613912345678', '8613987654321', 'demo-unionid-a', 'browser-a', 'device-a', 'Quill', 'quill', '4915112345678', 'Gutleutstrasse', 'sid-quill'];
const QUILL = { email: 'ida.quill@example.com', phone: '+4915112345678', firstName: 'Ida', lastName: 'Quill', street: 'Gutleutstrasse 7' };

let host: HostProcess;
let owner: AdminClient;
let store: ConnectedStore;
let monitor: Redis;
let vendor: VendorServer;
const told: string[] = [];

beforeAll(async () => {
  const databaseName = `test_${randomUUID().slice(0, 8)}`;
  monitor = await new Redis(process.env.REDIS_URL ?? '').monitor();
  monitor.on('monitor', (_time: string, args: string[]) => { if (args.some((arg) => arg.includes(databaseName))) told.push(args.join(' ')); });
  // A destination that answers with what it was sent, and a refusal.
  vendor = await startVendorServer(({ text }) => ({ status: 422, json: { error: 'refused', received: text } }));
  host = await startHostProcess({ databaseName, env: { LOG_LEVEL: 'trace' } });
  store = await connectStore({ uri: process.env.MONGODB_URI ?? '', databaseName, log: { info: () => undefined, warn: () => undefined } });
  const run = JSON.parse(readFileSync((await testEnvironment(databaseName)).FIRSTHAND_FIRST_RUN_FILE ?? '', 'utf8')) as { workspaceId: string; ownerEmail: string; ownerPassword: string };
  const { play } = (await import(PLAY)) as { play(options: object): Promise<void> };
  await play({ baseUrl: host.url, ...run, log: () => undefined });
  owner = await logIn(host.url, run.ownerEmail, run.ownerPassword);
});
afterAll(async () => {
  await host.kill('SIGKILL');
  monitor.disconnect();
  await vendor.close();
  await store.connection.dropDatabase();
  await store.close();
});

async function send(writeKey: unknown, path: string, body: string): Promise<number> {
  return (await fetch(host.url + path, { method: 'POST', headers: { authorization: `Basic ${btoa(`${String(writeKey)}:`)}`, 'content-type': 'application/json' }, body })).status;
}

it('neither what is sent, refused, quarantined, dead, asked for nor erased', async () => {
  const must = async (path: string, body: object = {}): Promise<Record<string, unknown>> => {
    const answer = await owner.post(path, body);
    expect([path, answer.status < 300, answer.body.errors, answer.body.code]).toEqual([path, true, undefined, undefined]);
    return answer.body;
  };
  const { body: { items } } = await owner.get('/agreements');
  const [{ id: agreementId }] = items as [{ id: string }];
  await must('/connections', { kind: 'source', id: 'helpdesk', name: 'Help desk', pluginId: 'web', capability: 'events', agreementId, provenance: { collection: 'first-party', statement: 'Told by themselves.' }, defaultCountry: 'DE' });
  const { writeKey } = await must('/connections/helpdesk/write-keys', { kind: 'secret' });
  await must('/connections/helpdesk/enable');
  await must('/connections', { kind: 'destination', id: 'echo', name: 'Echo', pluginId: 'webhook', settings: { url: `${vendor.url}/quill`, secret: `whsec_${Buffer.alloc(24, 7).toString('base64')}` }, recipient: 'own' });
  await must('/connections/echo/enable');
  await must('/flows', { id: 'echoed', flow: { name: 'Echoed', acceptsHistorical: false, purpose: 'service', trigger: { type: 'event', name: 'Product Viewed' }, steps: [{ id: 'send', type: 'deliver', connectionId: 'echo', action: 'send-event' }] } });
  await must('/flows/echoed/publish');

  const call = (over: object): string => JSON.stringify({ type: 'track', event: 'Product Viewed', userId: 'sid-quill', messageId: randomUUID(), timestamp: new Date().toISOString(), context: { traits: QUILL }, properties: { note: `from ${QUILL.email}` }, ...over });
  const track = (over: object): string => `{"batch":[${call(over)}]}`;
  expect(await until(() => send(writeKey, '/v1/batch', track({})), (status) => status === 200)).toBe(200);
  // What cannot be read, what names nobody, what no plan or type takes, and what is no JSON at all.
  const statuses = await Promise.all([track({ userId: null, anonymousId: 'null', context: { traits: { lastName: QUILL.lastName } } }), track({ timestamp: QUILL.street }), track({ type: 'identify', traits: { ...QUILL, birthday: QUILL.lastName } }), `{"batch":[${QUILL.email}`, `{"batch":[{"type":"${QUILL.lastName}"}]}`]
    .map((body) => send(writeKey, '/v1/batch', body)));
  expect(statuses.some((status) => status >= 400)).toBe(true);
  await fetch(`${host.url}/admin/v1/sessions`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ email: QUILL.email, password: QUILL.street }) });
  await fetch(`${host.url}/v1/${encodeURIComponent(QUILL.email)}?phone=${encodeURIComponent(QUILL.phone)}`);
  await fetch(`${host.url}/admin/v1/profiles/lookup?namespace=email&value=${encodeURIComponent(QUILL.email)}`);
  const dead = await until(async () => (await owner.get('/deliveries?connectionId=echo')).body.items as { state: string }[], (all) => all.length > 0 && all.every(({ state }) => state !== 'pending'));
  expect(dead.map(({ state }) => state)).toContain('dead');

  await owner.get('/profiles/lookup?namespace=email&value=nobody-quill@example.com');
  await owner.post('/segments/preview', { purpose: 'service', condition: { trait: 'profile.lastName', op: 'is', value: QUILL.lastName } });
  const { id: request } = await must('/privacy-requests', { kind: 'erasure', identity: { namespace: 'email', value: QUILL.email }, verification: 'called-back' });
  await must(`/privacy-requests/${String(request)}/start`);
  const lookUp = () => owner.get(`/profiles/lookup?namespace=email&value=${encodeURIComponent(QUILL.email)}`);
  expect((await until(lookUp, ({ status }) => status === 404)).status).toBe(404);


  await host.kill('SIGTERM');
  const lines = host.output().trim().split('\n');
  // There is something to look at: requests, and what went wrong.
  expect(lines.length).toBeGreaterThan(20);
  expect(told.some((command) => command.includes('evalsha') || command.includes('hset'))).toBe(true);
  const audit = await store.connection.getClient().db(store.connection.name).collection('auditTrail').find({}).toArray();
  expect(audit.length).toBeGreaterThan(20);
  const named = (texts: readonly string[]): string[] => texts.filter((text) => PERSONAL.some((one) => text.includes(one)));
  expect({ log: named(lines), valkey: named(told), audit: named(audit.map((row) => JSON.stringify(row))) }).toEqual({ log: [], valkey: [], audit: [] });
});
