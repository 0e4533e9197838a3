import { setTimeout as delay } from 'node:timers/promises';
import { logIn, type AdminAnswer, type AdminClient } from '../support/admin-client.js';
import { startFakeWebhookReceiver, type FakeWebhookReceiver } from '../support/fake-webhook-receiver.js';
import { startHost, type TestHost } from '../support/start-host.js';

/** `dryRun=true` on admin calls that act. The host under test has no worker, so that nothing but the calls could write. */
let host: TestHost;
let owner: AdminClient;
let receiver: FakeWebhookReceiver;

const PURPOSE = { key: 'marketing', name: { en: 'Marketing' }, description: { en: 'We write to you.' }, lawfulBasis: 'consent', fields: ['*'], expiresAfterDays: null };
const FLOW = { name: 'Forward', purpose: 'marketing', acceptsHistorical: false, trigger: { type: 'event', name: 'Order Completed' }, steps: [{ id: 'send', type: 'deliver', connectionId: 'crm', action: 'send-event' }] };

beforeAll(async () => {
  receiver = await startFakeWebhookReceiver();
  const first = await startHost({ keepDatabase: true });
  const { ownerEmail = '', ownerPassword = '' } = first.firstRun ?? {};
  const setUp = await logIn(first.url, ownerEmail, ownerPassword);
  await setUp.post('/purposes', PURPOSE);
  await setUp.post('/purposes', { ...PURPOSE, key: 'service', lawfulBasis: 'contract' });
  await setUp.post('/agreements', { id: 'notice', name: 'Notice' });
  await setUp.post('/agreements/notice/versions', { purposes: ['marketing', 'service'], texts: { en: 'Yours.' } });
  const { secretKey } = await first.seed.source({ pluginId: 'web', capability: 'events', id: 'shop', agreementId: 'notice' });
  await setUp.post('/connections', { kind: 'destination', id: 'crm', name: 'CRM', pluginId: 'webhook', settings: receiver.settings, recipient: 'processor' });
  await setUp.post('/connections/crm/enable');
  await setUp.post('/dictionary/custom-fields', { entity: 'profile', name: 'shoeSize', type: 'integer', description: 'EU shoe size.' });
  await setUp.post('/segments', { id: 'buyers', name: 'Buyers', purpose: 'marketing', condition: { event: 'Order Completed', where: [{ path: 'properties.sku', op: 'eq', value: 'shirt' }] } });
  await setUp.post('/segments', { id: 'sized', name: 'Sized', purpose: 'marketing', condition: { trait: 'custom.shoeSize', op: 'exists' } });
  await setUp.post('/segments/sized/publish');
  await setUp.post('/flows', { id: 'forward', flow: FLOW });
  await setUp.post('/flows/forward/publish');
  await fetch(`${first.url}/v1/batch`, {
    method: 'POST', headers: { authorization: `Basic ${Buffer.from(`${secretKey}:`).toString('base64')}`, 'content-type': 'application/json' },
    body: JSON.stringify({ batch: ['u1', 'u2'].map((userId) => ({ type: 'track', event: 'Order Completed', userId, messageId: userId, properties: { sku: 'shirt' } })) }),
  });
  // Without a consent both end as blocked, for good.
  for (let tries = 0; tries < 200 && (await first.connected.collections.deliveries.countDocuments({ state: 'blocked' })) < 2; tries += 1) await delay(50);
  await first.stop();
  host = await startHost({ databaseName: first.databaseName, env: { FIRSTHAND_ROLES: 'ingest,admin' } });
  owner = await logIn(host.url, ownerEmail, ownerPassword);
});
afterAll(async () => {
  await host.stop();
  await receiver.close();
});

/** Every document of every collection. */
async function dump(): Promise<Record<string, unknown[]>> {
  const { connection } = host.connected;
  const db = connection.getClient().db(connection.name);
  const names = (await db.listCollections().toArray()).map(({ name }) => name as string).sort();
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await db.collection(name).find().sort({ _id: 1 }).toArray()] as const)));
}

interface DryRun { dryRun: true; wouldAnswer: { status: number; body: Record<string, unknown> | null }; wouldWrite: unknown[]; effects: { effect: string; count: number | null; ids?: string[] }[] }

/** A dry run, with the proof that it has left everything as it was. */
async function dryRun(method: string, path: string, options: { body?: unknown; ifMatch?: unknown } = {}): Promise<AdminAnswer & { told: DryRun; effects: Record<string, number | null | string[]> }> {
  const before = await dump();
  const answer = await owner.call(method, `${path}${path.includes('?') ? '&' : '?'}dryRun=true`, options);
  expect(await dump()).toEqual(before);
  const told = answer.body as unknown as DryRun;
  return { ...answer, told, effects: Object.fromEntries((told.effects ?? []).map(({ effect, count, ids }) => [effect, ids ?? count])) };
}

describe('says what would happen, and leaves everything as it is, when', () => {
  it('a segment is published, paused, resumed or deleted', async () => {
    const published = await dryRun('POST', '/segments/buyers/publish');
    expect([published.status, published.etag, published.told.wouldAnswer]).toEqual([200, expect.not.stringMatching(/^"\d+"$/), { status: 200, body: expect.objectContaining({ id: 'buyers', status: 'live', version: 2 }) }]);
    expect(published.told.wouldWrite).toEqual([{ kind: 'segments', id: 'buyers', change: 'updated' }]);
    expect(published.effects).toEqual({ 'people-evaluated': 2, 'counters-filled-from-events': 1, 'members-now': 0, 'used-by-flows': [], 'used-by-segments': [], 'would-enter': 0, 'would-leave': 0 });
    expect((await dryRun('POST', '/segments/sized/pause')).effects).toEqual({ 'members-now': 0, 'used-by-flows': [], 'used-by-segments': [] });
    expect((await dryRun('POST', '/segments/sized/resume')).effects).toMatchObject({ 'people-evaluated': 2 });
    expect((await dryRun('DELETE', '/segments/buyers', { ifMatch: 1 })).told).toMatchObject({ wouldAnswer: { status: 204, body: null }, wouldWrite: [{ kind: 'segments', id: 'buyers', change: 'deleted' }] });
  });

  it('a flow is published or paused', async () => {
    const published = await dryRun('POST', '/flows/forward/publish');
    expect(published.told.wouldAnswer.body).toMatchObject({ liveVersion: 2 });
    expect(published.effects).toEqual({ 'delivers-to': ['crm'], 'runs-waiting': 0, 'deliveries-waiting': 0 });
    expect((await dryRun('POST', '/flows/forward/pause')).told.wouldAnswer.body).toMatchObject({ status: 'paused' });
  });

  it('a connection is paused, enabled or changed', async () => {
    expect((await dryRun('POST', '/connections/crm/pause')).effects).toEqual({ 'deliveries-waiting': 0, 'used-by-flows': ['forward'] });
    expect((await dryRun('POST', '/connections/shop/enable')).effects).toEqual({});
    expect((await dryRun('PUT', '/connections/crm', { ifMatch: 2, body: { name: 'Our CRM' } })).told.wouldAnswer.body).toMatchObject({ name: 'Our CRM', settings: { secret: '********' } });
  });

  it('an agreement is published, or a purpose changed', async () => {
    const version = await dryRun('POST', '/agreements/notice/versions', { body: { purposes: ['marketing'], texts: { en: 'Still yours.' } } });
    expect(version.told.wouldAnswer).toMatchObject({ status: 201, body: { versions: [{ version: 1 }, { version: 2 }] } });
    expect(version.effects).toEqual({ 'people-evaluated': 2, 'used-by-sources': ['shop'], 'grants-to-older-versions': 0 });
    expect((await dryRun('PUT', '/purposes/marketing', { ifMatch: 1, body: { expiresAfterDays: 30 } })).effects).toEqual({ 'people-evaluated': 2, 'used-by-segments': ['sized'], 'used-by-flows': ['forward'], 'used-by-sources': [] });
  });

  it('a mapping is saved or a field taken out', async () => {
    expect((await dryRun('PUT', '/mappings/shop', { ifMatch: 0, body: { mapping: { name: '{{event}}', 'identities.userId': '{{userId}}' } } })).told.wouldWrite).toEqual([{ kind: 'mappings', id: 'shop', change: 'created' }]);
    const used = await dryRun('DELETE', '/dictionary/custom-fields/profile.shoeSize?storedValues=drop', { ifMatch: 1 });
    expect([used.status, used.body.errors]).toEqual([409, [{ path: '/segments/sized', message: 'names the field' }]]);
    expect((await dryRun('PUT', '/dictionary/custom-fields/profile.shoeSize', { ifMatch: 1, body: { type: 'string', storedValues: 'convert' } })).effects).toEqual({
      'people-with-a-value': 0, 'sampled-values-that-fit': 0, 'sampled-values-that-convert': 0, 'sampled-values-that-cannot-be-read': 0, 'people-evaluated': 2, 'used-by-segments': ['sized'], 'used-by-flows': [],
    });
  });

  it('deliveries are replayed', async () => {
    const { told, effects } = await dryRun('POST', '/deliveries/replay', { body: { filter: { connectionId: 'crm', state: 'blocked' } } });
    expect([told.wouldAnswer, effects]).toEqual([{ status: 200, body: { replayed: 2, hasMore: false, nextCursor: null, lastDueAt: expect.any(String) } }, { 'deliveries-replayed': 2 }]);
    expect(receiver.messages.filter(({ type }) => type !== 'connection.tested')).toEqual([]);
  });
});

it('refuses what the call itself would refuse', async () => {
  const invalid = await dryRun('POST', '/agreements/notice/versions', { body: { purposes: ['gone'], texts: { en: 'T' } } });
  expect([invalid.status, invalid.body.errors]).toEqual([400, [{ path: '/purposes/0', message: 'there is no such purpose' }]]);
  expect((await dryRun('POST', '/agreements/notice/versions', { body: {} })).body.code).toBe('INVALID_REQUEST');
  expect((await dryRun('POST', '/flows/gone/publish')).status).toBe(404);
  expect((await dryRun('PUT', '/purposes/marketing', { ifMatch: 9, body: {} })).body.code).toBe('VERSION_MISMATCH');
  expect((await dryRun('DELETE', '/purposes/marketing', { ifMatch: 1 })).body.code).toBe('CONFLICT');
  const stranger = await fetch(`${host.url}/admin/v1/segments/buyers/publish?dryRun=true`, { method: 'POST' });
  expect(stranger.status).toBe(401);
});

it('is declared in the document, and every other call that writes refuses the word', async () => {
  const { paths } = (await (await fetch(`${host.url}/docs-json`)).json()) as { paths: Record<string, Record<string, { parameters?: { name: string }[] }>> };
  const before = await dump();
  let refused = 0;
  for (const [path, operations] of Object.entries(paths).filter(([name]) => name.startsWith('/admin/'))) {
    for (const [verb, { parameters = [] }] of Object.entries(operations).filter(([name]) => name !== 'get')) {
      if (parameters.some(({ name }) => name === 'dryRun')) continue;
      const { status, body } = await owner.call(verb.toUpperCase(), `${path.replaceAll(/\{\w+\}/g, 'forward')}?dryRun=true`, { body: {} });
      expect([path, status, body.errors]).toEqual([path, 400, [{ path: '/dryRun', message: 'this call has no dry run' }]]);
      refused += 1;
    }
  }
  expect(refused).toBeGreaterThan(10);
  for (const word of ['yes', '', 'True']) expect((await owner.call('POST', `/flows/forward/pause?dryRun=${word}`)).body.errors).toEqual([{ path: '/dryRun', message: 'is true or false' }]);
  expect(await dump()).toEqual(before);
});

it('acts when the word is false, and is in the audit log then', async () => {
  const { status, body } = await owner.call('POST', '/flows/forward/pause?dryRun=false');
  expect([status, body.status]).toEqual([200, 'paused']);
  const { body: log } = await owner.get('/audit-log?limit=200');
  expect((log.items as { route: string; outcome: string }[]).filter(({ route }) => route === '/admin/v1/flows/:id/pause').map(({ outcome }) => outcome)).toEqual(['done', 'started']);
});
