import { setTimeout as delay } from 'node:timers/promises';
import type { Condition } from '@firsthand/domain';
import { logIn, type AdminClient } from '../support/admin-client.js';
import { startHost, type TestHost } from '../support/start-host.js';
import { until as patiently } from '../support/until.js';

/** Publishing over the admin API, with the past of people in the store: what the segment, its preview and the dry run know of it. */
const CONDITION: Condition = { event: 'Order Completed', where: [{ path: 'properties.sku', op: 'eq', value: 'shirt' }], within: { days: 30 } };
let host: TestHost;
let owner: AdminClient;
let secretKey: string;

beforeAll(async () => {
  host = await startHost();
  owner = await logIn(host.url, host.firstRun?.ownerEmail ?? '', host.firstRun?.ownerPassword ?? '');
  ({ secretKey } = await host.seed.source({ pluginId: 'web', capability: 'events' }));
  await send([bought('shirt-buyer', 'shirt'), bought('hat-buyer', 'hat')]);
  await until(() => host.connected.collections.profiles.countDocuments({}), (count) => count === 2);
});
afterAll(() => host.stop());

function bought(userId: string, sku: string): object {
  return { type: 'track', event: 'Order Completed', userId, messageId: `${userId}-${sku}`, timestamp: new Date(Date.now() - 86_400_000).toISOString(), properties: { sku } };
}

async function send(batch: object[]): Promise<void> {
  await fetch(`${host.url}/v1/batch`, { method: 'POST', headers: { authorization: `Basic ${Buffer.from(`${secretKey}:`).toString('base64')}`, 'content-type': 'application/json' }, body: JSON.stringify({ batch }) });
}

async function until<T>(what: () => Promise<T>, isEnough: (value: T) => boolean): Promise<T> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const value = await what();
    if (isEnough(value) || Date.now() > deadline) return value;
    await delay(50);
  }
}

/** Ever inside, by user id: `n` counts entering and leaving. */
async function changesOf(segmentId: string, at: TestHost = host): Promise<Record<string, number>> {
  const people = await at.connected.collections.profiles.find({}).toArray();
  return Object.fromEntries(people.flatMap(({ identities, memberships }) => (memberships[segmentId] === undefined ? [] : [[identities[0]?.value ?? '', memberships[segmentId].n]])));
}

it('previews and tries a draft by the stored events, without keeping anything', async () => {
  expect((await owner.post('/segments/preview', { purpose: 'service', condition: CONDITION })).body).toMatchObject({ matching: 1, evaluated: 2, isComplete: true, notes: [] });
  await host.seed.destination({ pluginId: 'webhook', id: 'crm', settings: { url: 'http://127.0.0.1:9/', arrays: false }, secrets: { secret: `whsec_${Buffer.alloc(24, 7).toString('base64')}` } });
  await owner.post('/flows', { id: 'shirts', flow: { name: 'Shirts', purpose: 'service', acceptsHistorical: false, trigger: { type: 'profile' }, steps: [{ id: 'bought-shirt', type: 'filter', condition: CONDITION }, { id: 'send', type: 'deliver', connectionId: 'crm', action: 'send-event' }] } });
  const outcome = async (value: string) => (await owner.post('/flows/shirts/dry-run', { identity: { namespace: 'userId', value } })).body.outcome;
  expect([await outcome('shirt-buyer'), await outcome('hat-buyer')]).toEqual(['ended', 'stopped']);
  expect(await host.connected.collections.profiles.countDocuments({ dueAt: { $gt: 0 } })).toBe(0);
});

it('has in a published segment who did it before, and never who only seems not to have', async () => {
  await owner.post('/segments', { id: 'shirts', name: 'Shirts', purpose: 'service', condition: CONDITION });
  await owner.post('/segments', { id: 'no-shirts', name: 'No shirts', purpose: 'service', condition: { not: CONDITION } });
  expect((await owner.post('/segments/no-shirts/publish')).body.status).toBe('live');
  expect((await owner.post('/segments/shirts/publish')).body.status).toBe('live');
  // Something new of everybody before the counter is filled: on what it then says nobody may enter.
  await send(['shirt-buyer', 'hat-buyer'].map((userId) => ({ type: 'identify', userId, messageId: `i-${userId}`, traits: { city: 'Lima' } })));
  expect(await until(() => changesOf('no-shirts'), (changes) => Object.keys(changes).length > 0)).toEqual({ 'hat-buyer': 1 });
  expect(await until(() => changesOf('shirts'), (changes) => Object.keys(changes).length > 0)).toEqual({ 'shirt-buyer': 1 });
  expect((await owner.post('/segments/preview', { purpose: 'service', condition: CONDITION })).body).toMatchObject({ matching: 1, notes: [] });
});

it('evaluates everybody although the process that was asked is gone', async () => {
  const first = await startHost({ env: { FIRSTHAND_ROLES: 'ingest,admin' }, keepDatabase: true });
  const { ownerEmail = '', ownerPassword = '' } = first.firstRun ?? {};
  const { secretKey: key } = await first.seed.source({ pluginId: 'web', capability: 'events' });
  await fetch(`${first.url}/v1/track`, { method: 'POST', headers: { authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}`, 'content-type': 'application/json' }, body: JSON.stringify(bought('early', 'shirt')) });
  const admin = await logIn(first.url, ownerEmail, ownerPassword);
  const worker = await startHost({ databaseName: first.databaseName, env: { FIRSTHAND_ROLES: 'worker' }, keepDatabase: true });
  await until(() => worker.connected.collections.profiles.countDocuments({}), (count) => count === 1);
  await worker.stop();
  await admin.post('/segments', { id: 'buyers', name: 'Buyers', purpose: 'service', condition: { event: 'Order Completed' } });
  await admin.post('/segments/buyers/publish');
  await first.stop();
  const second = await startHost({ databaseName: first.databaseName });
  const changes = await until(() => changesOf('buyers', second), (found) => Object.keys(found).length > 0);
  await second.stop();
  expect(changes).toEqual({ early: 1 });
});

it('looks for people who may be one, in its own time, once the purpose of that is named', async () => {
  const traits = { birthday: '1990-05-17', address: { street: '文三路138号3幢501室', city: '杭州市' } };
  await send([{ type: 'identify', userId: 'wang-1', messageId: 'w1', traits: { ...traits, name: '王小明', phone: '+8613912345678' } }, { type: 'identify', userId: 'wang-2', messageId: 'w2', traits: { ...traits, name: 'Wang Xiaoming', phone: '+8613912345687' } }]);
  const ids = await until(() => host.connected.collections.identities.find({ _id: { $in: ['wang-1', 'wang-2'].map((userId) => `${host.workspaceId}|userId|${userId}`) } }).toArray(), (found) => found.length === 2);
  const { version, effective: _effective, ...settings } = (await owner.get('/identity-settings')).body as { version: number; effective: unknown };
  expect((await owner.put('/identity-settings', version, { ...settings, matching: { purpose: 'service' } })).body).toMatchObject({ matching: { purpose: 'service', atLeast: 0.9, everyHours: 24 } });
  const { body } = await patiently(() => owner.get('/identity-matching'), ({ body: { last } }) => last !== null && last !== undefined, 90_000);
  expect(body).toMatchObject({ isOn: true, step: null, last: { counts: { withheld: 0 } } });
  const { items } = (await owner.get('/identity-suggestions')).body as { items: { people: { profileId: string }[] }[] };
  expect(items.map(({ people }) => people.map(({ profileId }) => profileId))).toEqual([ids.map(({ profileId }) => profileId).sort()]);
});
