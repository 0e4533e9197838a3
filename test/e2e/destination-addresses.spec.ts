import { randomUUID } from 'node:crypto';
import { logIn, type AdminClient } from '../support/admin-client.js';
import { startFakeWebhookReceiver, type FakeWebhookReceiver } from '../support/fake-webhook-receiver.js';
import { startHost, type TestHost } from '../support/start-host.js';

/** A host whose operator has not allowed private addresses, and a receiver within reach of it. */
let host: TestHost;
let owner: AdminClient;
let receiver: FakeWebhookReceiver;

beforeAll(async () => {
  receiver = await startFakeWebhookReceiver();
  host = await startHost({ env: { FIRSTHAND_ROLES: 'ingest,admin', FIRSTHAND_ALLOW_PRIVATE_DESTINATIONS: 'false' } });
  owner = await logIn(host.url, host.firstRun?.ownerEmail ?? '', host.firstRun?.ownerPassword ?? '');
});
afterAll(async () => {
  await host.stop();
  await receiver.close();
});

const HOSTS = ['127.0.0.1', '2130706433', '0x7f.1', '0177.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[64:ff9b::127.0.0.1]', '10.0.0.1', '169.254.169.254', '[fd00::1]', '[fe80::1]'];

it.each(HOSTS)('a connection to %s is refused when it is made and when it is changed', async (name) => {
  const { secret } = receiver.settings;
  const made = await owner.post('/connections', { kind: 'destination', name: 'Inside', pluginId: 'webhook', settings: { url: `http://${name}:9/`, secret } });
  expect([made.status, made.body.code]).toEqual([422, 'DESTINATION_ADDRESS_FORBIDDEN']);
  const { body: { id, version } } = await owner.post('/connections', { kind: 'destination', name: 'Outside', pluginId: 'webhook', settings: { url: 'https://93.184.216.34/', secret } });
  const moved = await owner.put(`/connections/${String(id)}`, version, { settings: { url: `http://${name}:9/`, secret } });
  expect([moved.status, moved.body.code]).toEqual([422, 'DESTINATION_ADDRESS_FORBIDDEN']);
});

it('one that got in is refused at the connect, and no socket is opened', async () => {
  const { url, secret } = receiver.settings;
  const id = await host.seed.destination({ pluginId: 'webhook', id: 'inside', settings: { url }, secrets: { secret } });
  const { body } = await owner.post(`/connections/${id}/test`);
  expect(body).toMatchObject({ outcome: 'failed', code: 'INVALID_PAYLOAD', detail: 'The address of the request is not one of the public internet.' });
  expect(receiver.requests).toEqual([]);
});

it.each(['https://10.0.0.1/', 'https://localhost/', 'http://93.184.216.34/'])('a callback of OpenDSR to %s is refused', async (address) => {
  const { body: { apiKey } } = await owner.post('/api-keys', { name: 'Controller', roles: ['privacy-officer'], scopes: ['create:machineRequest'] });
  const submit = async (url: string) => (await fetch(`${host.url}/opendsr/v2/requests`, {
    method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${String(apiKey)}` },
    body: JSON.stringify({ regulation: 'gdpr', subject_request_id: randomUUID(), subject_request_type: 'erasure', submitted_time: '2026-11-24T08:00:00Z', subject_identities: [{ identity_type: 'email', identity_value: 'ana@example.com', identity_format: 'raw' }], status_callback_urls: [url] }),
  })).status;
  expect([await submit(address), await submit('https://93.184.216.34/')]).toEqual([400, 201]);
});
