import { storeKey } from '@firsthand/persistence';
import { adminClient, logIn, type AdminClient } from '../support/admin-client.js';
import { startHost, type TestHost } from '../support/start-host.js';
import { row } from '../support/store-rows.js';

/** What somebody learns who may see groups of people and no person. */
let host: TestHost;
let owner: AdminClient;
let analyst: AdminClient;
type Trait = string | number;

const is = (trait: string, value: string) => ({ trait, op: 'eq', value });
/** Of France, older than that, younger than the padding says. */
const olderThan = (years: number, padding: number) => ({ purpose: 'care', condition: { all: [{ trait: 'custom.age', op: 'gt', value: years }, is('country', 'FR'), { trait: 'custom.age', op: 'lt', value: 40 + padding }] } });
const matching = async (who: AdminClient, body: object): Promise<unknown> => {
  const answer = await who.post('/segments/preview', body);
  expect(answer.status).toBe(200);
  return answer.body.matching;
};
/** Both answers for each padding. */
const pairs = async (who: AdminClient, paddings: number): Promise<[unknown, unknown][]> => {
  const found: [unknown, unknown][] = [];
  for (let padding = 0; padding < paddings; padding += 1) found.push([await matching(who, olderThan(30, padding)), await matching(who, olderThan(31, padding))]);
  return found;
};

async function storeMany(count: number, name: string, traitsOf: (index: number) => Record<string, Trait>): Promise<void> {
  const { workspaceId } = host;
  await host.connected.collections.profiles.insertMany(Array.from({ length: count }, (_, index) => {
    const [profileId, fields] = [`${name}-${index}`, Object.fromEntries(Object.entries(traitsOf(index)).map(([trait, value]) => [trait, { value, at: 1, source: 's', origin: 'o', version: 1 }]))];
    return { _id: storeKey(workspaceId, profileId), schemaVersion: 1, dueAt: null, ...row.profile(profileId, { workspaceId, fields }) };
  }));
}
const store = (name: string, traits: Record<string, Trait>) => storeMany(1, name, () => traits);
/** Whoever the attacker is after: the only one of 31 years. */
const storeVictim = () => store('victim', { country: 'FR', 'custom%2Eage': 31 });

const settings = async (change: object): Promise<number> => {
  const { body } = await owner.get('/access-settings');
  return (await owner.put('/access-settings', body.version, { minimumGroupSize: 20, secondFactor: 'optional', ...change })).status;
};

beforeAll(async () => {
  host = await startHost({ env: { FIRSTHAND_ROLES: 'admin' } });
  owner = await logIn(host.url, host.firstRun?.ownerEmail ?? '', host.firstRun?.ownerPassword ?? '');
  await host.seed.purpose('care', { lawfulBasis: 'contract' });
  await host.seed.customField({ entity: 'profile', name: 'age', type: 'integer', description: 'Years.' });
  analyst = adminClient(host.url, String((await owner.post('/api-keys', { name: 'analyst', roles: ['analyst'] })).body.apiKey));
});
afterAll(() => host.stop());
afterEach(() => host.connected.collections.profiles.deleteMany({}));

it('learns of no group that is smaller than the workspace says, and of no person', async () => {
  await store('p1', { country: 'CN' });
  const preview = { purpose: 'care', condition: is('country', 'CN') };
  expect((await analyst.post('/segments/preview', preview)).body).toMatchObject({
    population: 'fewer than 100', matching: 'fewer than 100', members: 'fewer than 100', isExact: false, sample: [], waterfall: [{ path: '', remaining: 'fewer than 100' }, { path: '/purpose', remaining: 'fewer than 100' }],
  });
  expect((await owner.post('/segments/preview', preview)).body).toMatchObject({ population: 1, matching: 1 });
  expect([await settings({ minimumGroupSize: 1 }), await settings({})]).toEqual([400, 200]);
  expect((await analyst.post('/segments/preview', preview)).body.population).toBe('fewer than 40');
  await owner.post('/segments', { id: 'chinese', name: 'Chinese', ...preview });
  expect((await analyst.post('/segments/chinese/preview')).body).toMatchObject({ change: { entering: 'fewer than 40', leaving: 'fewer than 40', enteringSample: [] } });
  await owner.post('/segments', { id: 'guests', name: 'Guests', purpose: 'care', kind: 'static' });
  expect((await analyst.get('/segments/guests/list')).body).toMatchObject({ listed: 'fewer than 40', members: 'fewer than 40' });
});

it('learns of a part of its condition only what it says of groups', async () => {
  await settings({});
  await storeMany(100, 'f', () => ({ country: 'FR' }));
  await storeMany(100, 'd', () => ({ country: 'DE', lastName: 'Weber' }));
  await store('v-1', { country: 'DE', city: 'Nice', lastName: 'Weber' });
  const asked = (name: string) => ({ purpose: 'care', condition: { any: [is('country', 'FR'), { all: [is('city', 'Nice'), is('lastName', name)] }] } });
  expect([await matching(owner, asked('Weber')), await matching(owner, asked('Meyer'))]).toEqual([101, 100]);
  // What is left of both is the same question.
  const [one, other] = [await matching(analyst, asked('Weber')), await matching(analyst, asked('Meyer'))];
  expect([one, Math.abs(Number(one) - 100) < 40]).toEqual([other, true]);
  expect((await analyst.post('/segments/preview', { purpose: 'care', condition: is('lastName', 'Weber') })).body.notes).toEqual([expect.stringContaining('passed over')]);
});

it('learns nothing of a person by moving a boundary, however often', async () => {
  await settings({ groupNumbers: 2_000 });
  await storeMany(580, 'f', (index) => ({ country: 'FR', 'custom%2Eage': 32 + Math.floor(index / 20) }));
  await storeMany(80, 'y', () => ({ country: 'FR', 'custom%2Eage': 20 }));
  await storeMany(80, 'd', () => ({ country: 'DE', 'custom%2Eage': 33 }));
  // The two conditions hold of the same people, to just a step.
  expect(await pairs(owner, 2)).toEqual([[160, 160], [180, 180]]);
  const without = await pairs(analyst, 16);
  for (const [index, told] of without.entries()) for (const one of told) expect([index, Math.abs(Number(one) - (160 + 20 * index)) < 40]).toEqual([index, true]);
  // Yet half of the answers differ: a difference is no sign of anybody. That none did would be once in sixty thousand.
  expect(without.filter(([over30, over31]) => over30 !== over31).length).toBeGreaterThan(0);
  await storeVictim();
  expect(await pairs(owner, 2)).toEqual([[161, 160], [181, 180]]);
  // And nobody who comes in the course of a day is seen to come.
  expect(await pairs(analyst, 16)).toEqual(without);
});

it('learns of no person by putting them on a list', async () => {
  await settings({});
  await store('p1', { country: 'CN' });
  await host.connected.collections.identities.insertOne({ _id: storeKey(host.workspaceId, 'email|ana@example.com'), schemaVersion: 1, workspaceId: host.workspaceId, profileId: 'p1-0', createdAt: 0 });
  await owner.post('/segments', { id: 'probed', name: 'Probed', purpose: 'care', kind: 'static' });
  expect((await owner.post('/roles', { id: 'lists', name: 'Lists', permissions: [{ actions: ['read', 'operate'], subjects: ['segment'] }] })).status).toBe(201);
  const uploader = adminClient(host.url, String((await owner.post('/api-keys', { name: 'lists', roles: ['lists'] })).body.apiKey));
  const probe = async (who: AdminClient, email: string, query: string) => (await who.post(`/segments/probed/list?mode=add${query}`, [{ email }, { nickname: 'x' }])).body;
  const blind = { rows: 2, found: null, unknown: null, ambiguous: null, refused: 1, added: null, removed: null, problems: [{ row: 2, reason: 'unknown-namespace' }] };
  for (const email of ['ana@example.com', 'stranger@example.com']) {
    expect(await probe(uploader, email, '&dryRun=true')).toMatchObject({ wouldAnswer: { body: blind } });
    expect(await probe(uploader, email, '')).toMatchObject(blind);
  }
  // It was put on, nonetheless.
  expect((await owner.get('/segments/probed/list')).body).toMatchObject({ listed: 1 });
  expect(await probe(owner, 'ana@example.com', '')).toMatchObject({ found: 1, added: 0 });
  expect((await uploader.get('/segments/probed/list')).body).toMatchObject({ listed: 'fewer than 40' });
});

it('is told so many numbers and no more; what was told, what nobody shapes, and others’ work go on', async () => {
  const known = olderThan(30, 0);
  await settings({ groupNumbers: 2_000 });
  const told = await matching(analyst, known);
  const spent = await host.connected.collections.groupNumbers.countDocuments({ _id: /\|shaped\|/ });
  await settings({ groupNumbers: spent });
  const refused = await analyst.post('/segments/preview', olderThan(10, 50));
  expect([refused.status, refused.body.code, Number(refused.headers.get('retry-after')) > 86_400]).toEqual([429, 'RATE_LIMITED', true]);
  expect(await matching(analyst, known)).toBe(told);
  expect((await analyst.get('/segments/guests/list')).status).toBe(200);
  expect(await matching(owner, olderThan(10, 50))).toBe(0);
  // Rows hold numbers and keyed digests, nothing of what was asked.
  expect(JSON.stringify(await host.connected.collections.groupNumbers.find().toArray())).not.toMatch(/FR|country|care|guests/);
});

it('learns of the steps of a flow in groups, its ends too, and of no outcome that a few had', async () => {
  await settings({});
  await host.seed.flow({ flowId: 'counted', purpose: 'care', trigger: { type: 'profile' }, steps: [{ id: 'may', type: 'filter', condition: { consent: 'care' } }] });
  const counts = [['entered', 500], ['passes', 493], ['exit', 4], ['goal', 3]] as const;
  await host.connected.collections.stepCounts.insertOne({
    _id: storeKey(host.workspaceId, 'counted', '000001', '0'), schemaVersion: 1, workspaceId: host.workspaceId, flowId: 'counted', flowVersion: 1, hour: 0, counts: counts.map(([outcome, count]) => ({ stepId: 'may', outcome, count })),
  });
  expect((await owner.get('/flows/counted/steps')).body).toMatchObject({ ends: { goal: 3, exited: 4 }, steps: [{ entered: 500, waiting: 0, left: { passes: 493, exit: 4, goal: 3 } }] });
  const { body } = await analyst.get('/flows/counted/steps');
  const near = (count: number): unknown[] => [-40, -20, 0, 20].map((off) => Math.floor(count / 20) * 20 + off);
  const [step] = body.steps as { entered: number; waiting: unknown; left: Record<string, number> }[];
  expect([body.ends, step?.waiting, Object.keys(step?.left ?? {})]).toEqual([{ goal: 'fewer than 40', exited: 'fewer than 40' }, 'fewer than 40', ['passes']]);
  expect(near(500)).toContain(step?.entered);
  expect(near(493)).toContain(step?.left.passes);
  await host.connected.collections.stepCounts.updateOne({ flowId: 'counted' }, { $set: { 'counts.0.count': 900 } });
  expect((await analyst.get('/flows/counted/steps')).body).toEqual(body);
});
