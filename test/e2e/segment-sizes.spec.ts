import { createSegmentSizeStore, storeKey } from '@firsthand/persistence';
import { createSizeSnapshots } from '@firsthand/pipeline';
import { adminClient, logIn, type AdminClient } from '../support/admin-client.js';
import { startHost, type TestHost } from '../support/start-host.js';
import { row } from '../support/store-rows.js';

/** Snapshots of sizes on a clock of the test's own, and their history over REST. */
const HOUR_MS = 3_600_000;
const clock = { now: Date.UTC(2026, 10, 24, 12, 5) };
let host: TestHost;

beforeAll(async () => {
  host = await startHost({ env: { FIRSTHAND_ROLES: 'admin' }, clock: () => clock.now });
  await host.seed.purpose('service', { lawfulBasis: 'contract' });
  for (const id of ['vip', 'empty']) await host.seed.segment({ id, purpose: 'service', condition: { all: [] } });
  await host.connected.collections.profiles.insertMany(Array.from({ length: 130 }, (_, index) => ({
    _id: storeKey(host.workspaceId, `p${index}`), schemaVersion: 1, dueAt: null, ...row.profile(`p${index}`, { workspaceId: host.workspaceId, memberships: { vip: { n: 2, isMember: false, at: 0, segmentVersion: 1 } } }),
  })));
});
afterAll(() => host.stop());

/** Hours pass in these tests: a session of before has ended. */
const logInNow = (): Promise<AdminClient> => logIn(host.url, host.firstRun?.ownerEmail ?? '', host.firstRun?.ownerPassword ?? '');

const { sizes, snapshots } = { sizes: () => createSegmentSizeStore(host.connected.connection), snapshots: () => createSizeSnapshots({ store: host.connected.store, sizes: sizes(), configuration: host.configuration, clock: () => clock.now }) };

/** So many are in the segment, an hour later. */
async function anHourLater(members: number): Promise<void> {
  clock.now += HOUR_MS;
  await host.configuration.refresh();
  const { profiles } = host.connected.collections;
  await profiles.updateMany({ workspaceId: host.workspaceId }, { $set: { 'memberships.vip.isMember': false } });
  await profiles.updateMany({ _id: { $in: Array.from({ length: members }, (_, index) => storeKey(host.workspaceId, `p${index}`)) } }, { $set: { 'memberships.vip.isMember': true } });
  // Two processes at once, and each again within the hour: it is kept and told once.
  await Promise.all([snapshots().tick([host.workspaceId]), snapshots().tick([host.workspaceId])]);
  await snapshots().tick([host.workspaceId]);
}

it('keeps one row per segment and hour, and tells a size when it has moved by a tenth since it was told last', async () => {
  for (const members of [100, 105, 109, 110, 120, 99, 98]) await anHourLater(members);
  const owner = await logInNow();
  const { body } = await owner.get('/segments/vip/history');
  expect((body.points as { size: number }[]).map(({ size }) => size)).toEqual([100, 105, 109, 110, 120, 99, 98]);
  expect((body.changes as { before: number; after: number }[]).map(({ before, after }) => [before, after])).toEqual([[100, 110], [110, 99]]);
  expect((await owner.get('/segments/empty/history')).body).toMatchObject({ points: Array.from({ length: 7 }, () => expect.objectContaining({ size: 0 })), changes: [] });
  const events = await host.connected.collections.events.find({ 'record.name': 'Segment Size Changed' }).toArray();
  expect(events.map(({ profileId, record: { identities } }) => [profileId, identities])).toEqual([['', []], ['', []]]);
});

it('gives one point a day, a span, and a picture', async () => {
  const owner = await logInNow();
  const day = await owner.get('/segments/vip/history?every=day');
  expect((day.body.points as { size: number }[]).map(({ size }) => size)).toEqual([98]);
  const span = await owner.get('/segments/vip/history?from=2026-11-24T14:00:00Z&to=2026-11-24T15:59:00Z');
  expect((span.body.points as { size: number }[]).map(({ size }) => size)).toEqual([105, 109]);
  const plot = await owner.get('/segments/vip/history/plot');
  expect([plot.status, plot.headers.get('content-type')]).toEqual([200, expect.stringContaining('image/svg+xml')]);
  expect(plot.text).toMatch(/^<svg [\s\S]*<polyline points="[\d., ]+"[\s\S]*<\/svg>$/);
});

it('gives who learns of groups the first of each day, with noise that stays, whatever span they ask for', async () => {
  const owner = await logInNow();
  for (let hour = 0; hour < 48; hour += 1) await anHourLater(120 - hour);
  const analyst = adminClient(host.url, String((await (await logInNow()).post('/api-keys', { name: 'analyst', roles: ['analyst'] })).body.apiKey));
  const history = (query: string) => analyst.get(`/segments/vip/history${query}`);
  const { body } = await history('');
  const points = body.points as { at: string; size: unknown }[];
  expect(points.map(({ at }) => at.slice(0, 13))).toEqual(['2026-11-24T13', '2026-11-25T00', '2026-11-26T00']);
  // Of 100, 116 and 92, with noise of at most 50.
  expect(points.every(({ size }) => size === 'fewer than 100' || size === 100 || size === 150)).toBe(true);
  expect(body.changes).toEqual([]);
  expect((await history('?every=day')).body).toEqual(body);
  expect((await history('?from=2026-11-25T14:00:00Z&to=2026-11-25T18:00:00Z')).body.points).toEqual([points[1]]);
  clock.now += 24 * HOUR_MS;
  expect((await history('')).body.points).toEqual(points);
  expect((await analyst.get('/segments/vip/history/plot')).text).toMatch(/^<svg [\s\S]*<polyline/);
  expect((await owner.get('/account')).status).toBe(401);
});

it('refuses a span that is none, and a segment that is none', async () => {
  const owner = await logInNow();
  const answers = [await owner.get('/segments/vip/history?from=2026-11-25T14:00:00Z&to=2026-11-24T15:00:00Z'), await owner.get('/segments/vip/history?from=2020-01-01T00:00:00Z'), await owner.get('/segments/none/history')];
  expect(answers.map(({ status }) => status)).toEqual([400, 400, 404]);
});
