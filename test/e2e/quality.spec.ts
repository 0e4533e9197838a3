import { createQualityStore } from '@firsthand/persistence';
import { createQualityWatch, type QualityCount } from '@firsthand/pipeline';
import { adminClient, logIn, type AdminClient } from '../support/admin-client.js';
import { startAlertReceiver, type AlertReceiver } from '../support/alert-receiver.js';
import { documentsIn, placesOf } from '../support/readme-commands.js';
import { startHost, type TestHost } from '../support/start-host.js';
import { until } from '../support/until.js';

/** Expectations on a host whose clock is the test's own: a shop that becomes silent, sends less and leaves a field out. */
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const WEEK_MS = 7 * 24 * HOUR_MS;
const HOUR = Math.ceil(Date.now() / HOUR_MS) * HOUR_MS;
const clock = { now: HOUR };
let host: TestHost;
let owner: AdminClient;
let receiver: AlertReceiver<Record<string, unknown>>;
let shopKey: string;
let sent = 0;

beforeAll(async () => {
  receiver = await startAlertReceiver();
  host = await startHost({ clock: () => clock.now });
  shopKey = (await host.seed.source({ id: 'shop', pluginId: 'web', capability: 'events' })).secretKey;
  await host.seed.destination({ id: 'ops', pluginId: 'webhook', ...receiver.destination });
  // Weeks pass: a session would end, a key does not.
  const session = await logIn(host.url, host.firstRun?.ownerEmail ?? '', host.firstRun?.ownerPassword ?? '');
  owner = patient(adminClient(host.url, String((await session.post('/api-keys', { name: 'weeks', roles: ['owner'] })).body.apiKey)));
});
afterAll(async () => {
  await host.stop();
  await receiver.close();
});

/** Asks again where a busy machine was late to read its configuration: nothing was done then. */
function patient(client: AdminClient): AdminClient {
  const call: AdminClient['call'] = (method, path, options) => until(() => client.call(method, path, options), ({ status }) => status !== 503);
  return { call, get: (path) => call('GET', path), post: (path, body = {}) => call('POST', path, { body }), put: (path, ifMatch, body) => call('PUT', path, { ifMatch, body }) };
}

/** Events of this moment, in one request; waits until they are counted. */
async function send(count: number, properties: object): Promise<void> {
  const batch = Array.from({ length: count }, () => ({ type: 'track', event: 'Product Viewed', userId: 'u1', messageId: `m${(sent += 1)}`, properties }));
  const { status } = await until(() => fetch(`${host.url}/v1/batch`, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Basic ${Buffer.from(`${shopKey}:`).toString('base64')}` }, body: JSON.stringify({ batch }) }), (answer) => answer.status !== 503);
  expect(status).toBe(200);
  const { events, qualityCounts } = host.connected.collections;
  expect(await until(() => events.countDocuments({ connectionId: 'shop' }), (stored) => stored === sent)).toBe(sent);
  expect(await until(() => qualityCounts.countDocuments({}), (open) => open === 0)).toBe(0);
}

const tidings = (): string[] => receiver.told.map(({ type, data }) => `${type.slice('quality.'.length)} ${String(data.kind)}`).sort();
const standings = async (): Promise<Record<string, string>> => Object.fromEntries((((await owner.get('/quality/report')).body.expectations ?? []) as { expectationId: string; status: string }[]).map(({ expectationId, status }) => [expectationId, status]));

it('refuses what names nothing, with the place, keeps to the version that was read, and guards what it names', async () => {
  const wrong = await owner.post('/expectations', { name: 'X', scope: { connectionId: 'shopp', event: 'Product View' }, rule: { kind: 'completeness', field: 'properties.cupon' }, alert: { connectionId: 'shop' } });
  expect([wrong.status, wrong.body.code, (wrong.body.errors as { path: string }[]).map(({ path }) => path)]).toEqual([422, 'INVALID_EXPECTATION', ['/scope/connectionId', '/scope/event', '/alert/connectionId', '/rule/field']]);
  expect((await owner.post('/expectations', { name: 'X', rule: { kind: 'nullRate', field: 'properties.coupon' } })).status).toBe(400);
  expect((await owner.post('/expectations', { name: 'X', rule: { kind: 'volume', mostChange: 0.5, timeZone: 'Europe/Berln' } })).body).toMatchObject({ code: 'INVALID_EXPECTATION', errors: [{ path: '/rule/timeZone' }] });
  const alert = { connectionId: 'ops', coolDownMinutes: 60 };
  for (const [id, rule] of [['volume', { kind: 'volume', weeks: 2, mostChange: 0.5, timeZone: 'Asia/Shanghai' }], ['coupons', { kind: 'nullRate', field: 'properties.coupon', mostChange: 0.5 }]] as const) {
    const made = await owner.post('/expectations', { id, name: `About ${id}`, scope: { connectionId: 'shop' }, rule, minimumEvents: 3, alert });
    expect([made.status, made.body]).toEqual([201, expect.objectContaining({ version: 1, severity: 'warning', windowMinutes: 60, rule: expect.objectContaining(rule) as object })]);
  }
  expect((await owner.put('/expectations/volume', 7, { severity: 'critical' })).status).toBe(412);
  expect((await owner.put('/expectations/volume', 1, { severity: 'critical' })).body).toMatchObject({ version: 2, severity: 'critical', minimumEvents: 3 });
  await owner.post('/connections/shop/pause');
  const { etag } = await owner.get('/connections/shop');
  const refused = await owner.call('DELETE', '/connections/shop', { ifMatch: Number(etag?.replaceAll('"', '')) });
  expect([refused.status, (refused.body.errors as { path: string }[]).map(({ path }) => path)]).toEqual([409, ['/expectations/coupons', '/expectations/volume']]);
  await owner.post('/connections/shop/enable');
});

it('is part of the configuration as files', async () => {
  const { body } = await owner.get('/configuration');
  const documents = body.documents as { kind: string; id: string; content: object }[];
  expect(documents.filter(({ kind }) => kind === 'expectations').map(({ id, content }) => [id, content])).toEqual([['coupons', expect.objectContaining({ name: 'About coupons', minimumEvents: 3 })], ['volume', expect.objectContaining({ severity: 'critical' })]]);
  const wanted = documents.map((document) => (document.id === 'coupons' && document.kind === 'expectations' ? { ...document, content: { ...document.content, description: 'As files say.' } } : document));
  expect((await owner.post('/configuration', { documents: wanted })).status).toBe(200);
  expect((await owner.get('/expectations/coupons')).body).toMatchObject({ version: 2, description: 'As files say.' });
});

it('adds batches up once, however many do so at once, and tells values that come twice and those that nobody told of', async () => {
  const { connection, store, collections } = host.connected;
  const quality = createQualityStore(connection);
  const place = { workspaceId: 'acme', expectationId: 'e', stamp: 's', connectionId: 'till' };
  const unseen = { kind: 'unseen', keptMs: HOUR_MS } as const;
  const known = { kind: 'known', set: 'stores' } as const;
  const count = (parts: Partial<QualityCount>): QualityCount => ({ ...place, at: HOUR, checked: 1, failed: 0, lastAt: HOUR + 1, ...parts });
  const batch = (counts: QualityCount[], toldOf: string[] = [], at = HOUR) => store.transaction((tx) => tx.insertQualityCounts({ workspaceId: 'acme', at, counts, known: toldOf.length === 0 ? [] : [{ set: 'stores', digests: toldOf, until: at + HOUR_MS }] }));
  const settle = async (): Promise<void> => {
    await Promise.all([1, 2, 3].map(async () => { while ((await quality.compact('acme')) > 0); }));
  };
  const failed = async (stamp: string): Promise<[number, number][]> => (await quality.findBuckets({ ...place, stamp }, [HOUR])).map((bucket) => [bucket.checked, bucket.failed]);
  for (let n = 0; n < 120; n += 1) await batch([count({ asked: [`order-${n % 100}`], asks: unseen }), count({ stamp: 'r', asked: ['hz'], asks: known })]);
  await settle();
  expect([await failed('s'), await failed('r'), await collections.qualityCounts.countDocuments({ workspaceId: 'acme' })]).toEqual([[[120, 20]], [[120, 120]], 0]);
  // What was seen is forgotten after its time, and what was told of is known from then on.
  await batch([count({ asked: ['order-1'], asks: unseen })], ['hz'], HOUR + HOUR_MS - 1);
  await batch([count({ asked: ['order-2'], asks: unseen }), count({ stamp: 'r', asked: ['hz', 'sh'], checked: 2, asks: known })], [], HOUR + HOUR_MS);
  await settle();
  expect([await failed('s'), await failed('r')]).toEqual([[[122, 22]], [[122, 121]]]);
  await batch([count({ asked: ['order-3'], asks: unseen })], [], HOUR + HOUR_MS);
  await settle();
  expect(await failed('s')).toEqual([[123, 22]]);
  expect(await quality.findStates('acme')).toEqual(expect.arrayContaining([expect.objectContaining({ ...place, status: 'unknown', lastAt: HOUR + 1, revision: 0 })]));
});

it('alarms once when a source falls silent, sends less than in past weeks and leaves a field out, and tells of the recovery once', async () => {
  for (let week = 0; week < 3; week += 1) {
    for (const minutes of [10, 110]) {
      clock.now = HOUR + week * WEEK_MS + minutes * MINUTE_MS;
      await send(8, { coupon: 'WELCOME' });
    }
  }
  const today = HOUR + 3 * WEEK_MS;
  clock.now = HOUR + 2 * WEEK_MS + 2 * HOUR_MS + 2 * MINUTE_MS;
  expect(await until(standings, ({ volume }) => volume === 'passing')).toMatchObject({ volume: 'passing' });

  clock.now = today + 10 * MINUTE_MS;
  await owner.post('/expectations', { id: 'silence', name: 'The shop sends', scope: { connectionId: 'shop' }, rule: { kind: 'freshness', withinMinutes: 45 }, severity: 'critical', alert: { connectionId: 'ops' } });
  await send(3, {});
  receiver.script({ answer: { status: 503 } });
  clock.now = today + HOUR_MS + 2 * MINUTE_MS;
  const failing = ['failing freshness', 'failing nullRate', 'failing volume'];
  // What met trouble is tried again in its turn, for which time has to pass.
  expect(await until(() => { clock.now += 100; return tidings(); }, (all) => all.length >= 3)).toEqual(failing);
  expect(receiver.told.find(({ data }) => data.kind === 'nullRate')).toMatchObject({ type: 'quality.failing', data: { expectationId: 'coupons', connectionId: 'shop', field: 'properties.coupon', checked: 3, failed: 3, observed: 1, expected: 0 } });
  expect(placesOf(receiver.told[0])).toEqual(placesOf(documentsIn('docs/quality.md')[0]));
  expect(receiver.told.find(({ data }) => data.kind === 'volume')).toMatchObject({ data: { severity: 'critical', observed: 3, expected: 8 } });

  // Another process takes over, and all goes on failing: nobody is told again.
  clock.now = today + HOUR_MS + 20 * MINUTE_MS;
  const other = createQualityWatch({ store: host.connected.store, quality: createQualityStore(host.connected.connection), configuration: host.configuration, clock: () => clock.now + 20_000, log: { warn: () => undefined }, holder: 'other', send: () => Promise.reject(new TypeError('Nothing is to be told.')) });
  await host.configuration.refresh();
  await other.tick([host.workspaceId]);
  expect(await host.connected.collections.qualityAlerts.countDocuments({})).toBe(3);

  const { body } = await owner.get('/quality/report?connectionId=shop');
  const listed = body.expectations as { expectationId: string; status: string; quarantine: string }[];
  // The most severe before all.
  expect(listed.map(({ expectationId, status }) => `${expectationId} ${status}`)).toEqual(['volume failing', 'silence failing', 'coupons failing']);
  expect(listed[0]?.quarantine).toBe('/admin/v1/quarantine/groups?connectionId=shop');
  expect(body.sources).toEqual([expect.objectContaining({ connectionId: 'shop', failing: 3 })]);
  expect(body.fields).toEqual([expect.objectContaining({ field: 'properties.coupon', failing: 1 })]);

  clock.now = today + HOUR_MS + 50 * MINUTE_MS;
  await send(8, { coupon: 'WELCOME' });
  clock.now = today + 2 * HOUR_MS + 2 * MINUTE_MS;
  expect(await until(tidings, (all) => all.length >= 6)).toEqual([...failing, 'recovered freshness', 'recovered nullRate', 'recovered volume']);
  expect(new Set(receiver.told.map(({ id }) => id)).size).toBe(6);
  expect(await until(standings, (all) => Object.values(all).every((status) => status === 'passing'))).toEqual({ volume: 'passing', silence: 'passing', coupons: 'passing' });
});
