import { randomUUID } from 'node:crypto';
import { PURPOSE_DEFAULTS } from '@firsthand/domain';
import { storeKey } from '@firsthand/persistence';
import { adminClient, logIn, type AdminClient } from '../support/admin-client.js';
import { startHost, type TestHost } from '../support/start-host.js';
import { row } from '../support/store-rows.js';

/** Previews over REST, on profiles that are put into the store as they are. */
const NOW = Date.UTC(2026, 10, 24, 12);
const DAY_MS = 86_400_000;
let host: TestHost;
let owner: AdminClient;

interface Preview {
  population: number; evaluated: number; matching: number; members: number; isExact: boolean; margin: { population: number; matching: number; members: number };
  waterfall: { path: string; remaining: number }[];
  overlap: { segmentId: string; both: number; shareOfThis: number; shareOfThat: number }[];
  change: { entering: number; leaving: number; enteringSample: { profileId: string; identities: { value: string }[] }[]; leavingSample: { profileId: string }[] } | null;
}

beforeAll(async () => {
  host = await startHost({ env: { FIRSTHAND_ROLES: 'admin' }, clock: () => NOW });
  owner = await logIn(host.url, host.firstRun?.ownerEmail ?? '', host.firstRun?.ownerPassword ?? '');
  const purpose = { name: { en: 'P' }, description: { en: 'P' }, fields: ['*'], ...PURPOSE_DEFAULTS, separateConsent: [], expiresAfterDays: null };
  await owner.post('/purposes', { ...purpose, key: 'marketing', lawfulBasis: 'consent' });
  await owner.post('/purposes', { ...purpose, key: 'service', lawfulBasis: 'contract' });
  await owner.post('/agreements', { id: 'notice', name: 'Notice' });
  await owner.post('/agreements/notice/versions', { purposes: ['marketing', 'service'], texts: { en: 'We write to you.' } });
});
afterAll(() => host.stop());
beforeEach(async () => {
  await host.connected.collections.profiles.deleteMany({});
  await host.connected.collections.consentStates.deleteMany({});
  await host.connected.collections.identities.deleteMany({});
});

/** Every second one lives in Lima, every fifth has bought, every fourth has consented; `inside` are members of a segment. */
async function fill(size: number, inside: Record<string, number[]> = {}): Promise<void> {
  const { workspaceId } = host;
  const ids = Array.from({ length: size }, () => randomUUID());
  await host.connected.collections.profiles.insertMany(ids.map((profileId, index) => ({
    _id: storeKey(workspaceId, profileId), schemaVersion: 1, dueAt: null,
    ...row.profile(profileId, {
      workspaceId, identities: [{ namespace: 'email', value: `person${index}@example.com` }],
      fields: { city: { value: index % 2 === 0 ? 'Lima' : 'Quito', at: 0, source: 's', origin: 'o', version: 1 } },
      activity: index % 5 === 0 ? { 'Order Completed': { first: NOW - DAY_MS, last: NOW - DAY_MS, total: 1, days: { '2026-11-23': 1 } } } : {},
      memberships: Object.fromEntries(Object.entries(inside).map(([id, members]) => [id, { n: 1, isMember: members.includes(index), at: 0, segmentVersion: 1 }])),
    }),
  })));
  await host.connected.collections.identities.insertMany(ids.map((profileId, index) => ({ _id: storeKey(workspaceId, `email|person${index}@example.com`), schemaVersion: 1, workspaceId, profileId, createdAt: 0 })));
  const own = { decision: 'granted' as const, recordId: 'r', agreementId: 'notice', agreementVersion: 1, textHash: null, method: 'api' as const, effectiveAt: 0, recordedAt: 0 };
  const consenting = ids.filter((_id, index) => index % 4 === 0);
  if (consenting.length > 0) await host.connected.collections.consentStates.insertMany(consenting.map((profileId) => ({ _id: storeKey(workspaceId, profileId), schemaVersion: 1, workspaceId, profileId, state: { marketing: { own } } })));
}

const CONDITION = { all: [{ trait: 'city', op: 'eq', value: 'Lima' }, { event: 'Order Completed', within: { days: 30 } }] };
const preview = async (path: string, body?: object): Promise<Preview> => (await owner.post(path, body)).body as unknown as Preview;

it('says what each condition keeps, and whom the purpose leaves out', async () => {
  await fill(100);
  const answer = await preview('/segments/preview', { purpose: 'marketing', condition: CONDITION });
  expect(answer).toMatchObject({
    population: 100, evaluated: 100, matching: 10, members: 5, isExact: true, margin: { matching: 0, members: 0 }, change: null,
    waterfall: [{ path: '/all/0', remaining: 50 }, { path: '/all/1', remaining: 10 }, { path: '/purpose', remaining: 5 }],
  });
});

it('says with whom a draft overlaps, and who would enter and leave', async () => {
  const segment = { name: 'S', purpose: 'service', condition: CONDITION };
  for (const id of ['changing', 'other', 'apart']) {
    await owner.post('/segments', { ...segment, id });
    await owner.post(`/segments/${id}/publish`);
  }
  await fill(100, { changing: [0, 10, 3], other: [0, 20, 1, 3], apart: [7] });
  const answer = await preview('/segments/changing/preview');
  expect([answer.matching, answer.members]).toEqual([10, 10]);
  expect(answer.overlap).toEqual([expect.objectContaining({ segmentId: 'other', both: 2, shareOfThis: 0.2, shareOfThat: 0.5 })]);
  expect(answer.change).toMatchObject({ entering: 8, leaving: 1 });
  expect([answer.change?.enteringSample.length, answer.change?.leavingSample.length]).toEqual([8, 1]);
  expect(JSON.stringify(answer)).not.toMatch(/person\d+@/);
  const dryRun = await owner.post('/segments/changing/publish?dryRun=true');
  expect(dryRun.body.effects).toEqual(expect.arrayContaining([{ effect: 'would-enter', count: 8 }, { effect: 'would-leave', count: 1 }]));
});

it('finds whose stored membership is not what a query over everybody says', async () => {
  await owner.post('/segments', { id: 'audited', name: 'S', purpose: 'marketing', condition: CONDITION });
  expect((await owner.get('/segments/audited/audit')).status).toBe(409);
  await owner.post('/segments/audited/publish');
  // Who belongs: every twentieth. 1 lives elsewhere, 10 has not consented.
  await fill(100, { audited: [0, 20, 40, 1, 10] });
  expect((await owner.get('/segments/audited/audit')).body).toEqual({ segmentId: 'audited', version: 1, members: 5, expected: 5, missing: 2, surplus: 2 });
});

it('answers a large workspace from a sample with its error, and counts it exactly when asked', async () => {
  const size = 21_000;
  await fill(size);
  const body = { purpose: 'marketing', condition: CONDITION };
  const estimate = await preview('/segments/preview', { ...body, estimateOnly: true });
  const exact = await preview('/segments/preview', body);
  expect(exact).toMatchObject({ population: size, matching: size / 10, members: size / 20, isExact: true, margin: { population: 0, matching: 0, members: 0 } });
  expect(estimate.isExact).toBe(false);
  expect(estimate.margin.population).toBeLessThan(size / 20);
  expect(Math.abs(estimate.population - size)).toBeLessThan(3 * estimate.margin.population);
  expect(estimate.evaluated).toBeLessThan(size / 3);
  expect(estimate.margin.matching).toBeGreaterThan(0);
  expect(estimate.margin.matching).toBeLessThan(size / 50);
  // The margin is that of 95 in 100: three of it are missed once in a hundred million.
  expect(Math.abs(estimate.matching - size / 10)).toBeLessThan(3 * estimate.margin.matching);
  expect(Math.abs(estimate.members - size / 20)).toBeLessThan(3 * estimate.margin.members);
  // Who learns of groups is told the exact numbers with noise, and what the sample says with the noise of a sample.
  const analyst = adminClient(host.url, String((await owner.post('/api-keys', { name: 'analyst', roles: ['analyst'] })).body.apiKey));
  await host.configuration.refresh();
  const toldInGroups = await analyst.post('/segments/preview', body);
  expect(toldInGroups.body).toMatchObject({ isComplete: true });
  const inGroups = toldInGroups.body as unknown as Preview;
  for (const [told, count] of [[inGroups.population, size], [inGroups.matching, size / 10], [inGroups.members, size / 20]] as const) expect(Math.abs(told - count)).toBeLessThan(100);
  expect(inGroups).toMatchObject({ isExact: false, sample: [], margin: { matching: 100, members: 100 }, waterfall: [{ path: '/all/0' }, { path: '/all/1' }, { path: '/purpose' }] });
  for (const [index, share] of [1 / 2, 1 / 10].entries()) expect(Math.abs((inGroups.waterfall[index]?.remaining ?? 0) - size * share)).toBeLessThan(size / 15);
  expect((await analyst.post('/segments/preview', { ...body, estimateOnly: true })).body.waterfall).toEqual(inGroups.waterfall);
});

it('tells an editor what can be written, the workspace’s own fields included', async () => {
  await owner.post('/dictionary/custom-fields', { entity: 'profile', name: 'shoeSize', type: 'integer', description: 'EU shoe size.' });
  const { body } = await owner.get('/segments/grammar');
  expect(body).toMatchObject({ traits: expect.arrayContaining([expect.objectContaining({ name: 'custom.shoeSize', type: 'integer', isCustom: true })]), purposes: ['marketing', 'service'] });
  const refused = await owner.post('/segments', { name: 'S', purpose: 'service', condition: { trait: 'custom.shoeSize', op: 'startsWith', value: '4' } });
  expect([refused.status, refused.body.errors]).toEqual([422, [{ path: '/condition/op', message: expect.stringContaining('makes no sense for a field of type integer') }]]);
  expect((await adminClient(host.url).get('/segments/grammar')).status).toBe(401);
});

describe('a static list', () => {
  const GUESTS = { name: 'Guests', purpose: 'marketing', kind: 'static' };
  const someone = (index: number) => ({ email: `person${index}@example.com` });
  const csv = async (path: string, body: string) => {
    const response = await fetch(`${host.url}/admin/v1${path}`, { method: 'POST', headers: { 'content-type': 'text/csv', authorization: `Bearer ${token}` }, body });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  let token: string;
  beforeAll(async () => {
    const { body } = await adminClient(host.url).post('/sessions', { email: host.firstRun?.ownerEmail, password: host.firstRun?.ownerPassword });
    token = String(body.token);
  });
  async function make(id: string): Promise<void> {
    await owner.post('/segments', { ...GUESTS, id });
    await owner.post(`/segments/${id}/publish`);
  }

  it('is uploaded as JSON and as CSV, and only those who consented are in it', async () => {
    await fill(40);
    await make('guests');
    const answer = await owner.post('/segments/guests/list?mode=add', [someone(0), { email: ' PERSON1@example.com' }, { email: 'stranger@example.com' }, { email: 'nobody' }, { nickname: 'x' }, {}, 'x']);
    expect([answer.status, answer.body]).toEqual([200, {
      segmentId: 'guests', mode: 'add', rows: 7, found: 2, unknown: 1, ambiguous: 0, refused: 4, added: 2, removed: 0,
      problems: [{ row: 3, reason: 'unknown' }, { row: 4, reason: 'invalid-identity' }, { row: 5, reason: 'unknown-namespace' }, { row: 6, reason: 'no-identity' }, { row: 7, reason: 'malformed' }],
    }]);
    // Every fourth has consented: 0, 4, 8, …
    expect((await owner.get('/segments/guests/list')).body).toEqual({ segmentId: 'guests', listed: 2, members: 1 });
    expect((await csv('/segments/guests/list?mode=replace', 'email,userId\nperson4@example.com,\nperson5@example.com,nobody\nperson8@example.com,\n')).body).toMatchObject({ found: 3, added: 3, removed: 2, problems: [] });
    expect((await owner.get('/segments/guests/list')).body).toEqual({ segmentId: 'guests', listed: 3, members: 2 });
    expect((await owner.get('/segments/guests/audit')).body).toMatchObject({ members: 2, expected: 2, missing: 0, surplus: 0 });
    expect(await preview('/segments/guests/preview')).toMatchObject({ matching: 3, members: 2, change: { entering: 0, leaving: 0 } });
    expect((await owner.get('/profiles/lookup?namespace=email&value=person5@example.com')).body).toMatchObject({ lists: [{ segmentId: 'guests', origin: 'upload' }], memberships: [] });
  });

  it('is tried first: the dry run says what would be, and does nothing', async () => {
    await fill(10);
    await make('tried');
    await owner.post('/segments/tried/list?mode=add', [0, 1, 2].map(someone));
    const would = async (mode: string) => (await owner.post(`/segments/tried/list?mode=${mode}&dryRun=true`, [someone(1), someone(7), { email: 'stranger@example.com' }])).body;
    const counted = { found: 2, unknown: 1, problems: [{ row: 3, reason: 'unknown' }] };
    expect([await would('add'), await would('remove'), await would('replace')]).toMatchObject([
      { dryRun: true, wouldAnswer: { body: { ...counted, added: 1, removed: 0 } } }, { wouldAnswer: { body: { ...counted, added: 0, removed: 1 } } }, { wouldAnswer: { body: { ...counted, added: 1, removed: 2 } } },
    ]);
    expect((await owner.get('/segments/tried/list')).body).toMatchObject({ listed: 3 });
  });

  it('refuses what is no list, in whole and without a word of it', async () => {
    await make('strict');
    await owner.post('/segments', { id: 'dynamic', name: 'D', purpose: 'marketing', condition: CONDITION });
    const answers = [
      await owner.post('/segments/dynamic/list?mode=add', []), await owner.post('/segments/nowhere/list?mode=add', []), await owner.post('/segments/strict/list', []),
      await owner.post('/segments/strict/list?mode=add', { email: 'ana@example.com' }), await csv('/segments/strict/list?mode=add', 'ana@example.com,u-1\n'),
      await owner.post('/segments/strict/list?mode=add', Array.from({ length: 10_001 }, () => ({ userId: 'u' }))), await csv('/segments', 'name\nx\n'), await owner.get('/segments/dynamic/list'),
    ];
    expect(answers.map(({ status, body }) => [status, body.code])).toEqual([
      [409, 'CONFLICT'], [404, 'NOT_FOUND'], [400, 'INVALID_REQUEST'], [400, 'INVALID_REQUEST'], [400, 'INVALID_REQUEST'], [413, 'LIST_TOO_LONG'], [415, 'UNSUPPORTED_MEDIA_TYPE'], [409, 'CONFLICT'],
    ]);
    expect(JSON.stringify(answers.map(({ body }) => body))).not.toMatch(/ana@|u-1/);
  });

  it('has no condition, is read by others, and is deleted when nobody stands on it and nothing reads it', async () => {
    const refused = async (path: string, body: object) => ((await owner.post(path, body)).body.errors as { path: string }[]).map(({ path: place }) => place);
    expect(await refused('/segments', { ...GUESTS, condition: CONDITION })).toEqual(['/condition']);
    expect(await refused('/segments', { name: 'S', purpose: 'service' })).toEqual(['/condition']);
    expect(await refused('/segments', { name: 'S', purpose: 'service', condition: { list: 'dynamic' } })).toEqual(['/condition/list']);
    for (const id of ['grammar', 'preview']) expect(await refused('/segments', { ...GUESTS, id })).toEqual(['/id']);
    await fill(4);
    await owner.post('/segments', { ...GUESTS, id: 'brief' });
    expect((await owner.put('/segments/brief', 1, { condition: CONDITION })).status).toBe(422);
    expect((await owner.put('/segments/brief', 1, { name: 'Other guests' })).body).toMatchObject({ kind: 'static', name: 'Other guests', condition: { list: 'brief' } });
    await owner.post('/segments/brief/list?mode=add', [someone(1)]);
    const remove = async () => (await owner.call('DELETE', '/segments/brief', { ifMatch: 2 })).status;
    expect(await remove()).toBe(409);
    await owner.post('/segments/brief/list?mode=replace', []);
    await owner.post('/segments', { id: 'reader', name: 'R', purpose: 'service', condition: { not: { list: 'brief' } } });
    expect(await remove()).toBe(409);
    await owner.call('DELETE', '/segments/reader', { ifMatch: 1 });
    await owner.post('/flows', { id: 'adder', flow: { name: 'A', purpose: 'service', acceptsHistorical: false, trigger: { type: 'api' }, steps: [{ id: 'on', type: 'addToList', segmentId: 'brief' }] } });
    expect(await remove()).toBe(409);
    await owner.call('DELETE', '/flows/adder', { ifMatch: 1 });
    expect(await remove()).toBe(204);
  });

  it('is changed by flows that cannot chase each other without end', async () => {
    await make('circle');
    const flow = (on: string, type: string) => ({ name: 'F', purpose: 'service', acceptsHistorical: false, trigger: { type: 'segment', segmentId: 'circle', on }, steps: [{ id: 'change', type, segmentId: 'circle' }] });
    for (const [id, on, type] of [['off', 'entered', 'removeFromList'], ['on', 'left', 'addToList'], ['again', 'entered', 'addToList']] as const) await owner.post('/flows', { id, flow: flow(on, type) });
    const publish = async (id: string) => (await owner.post(`/flows/${id}/publish`)).body;
    expect([await publish('again'), await publish('off')]).toMatchObject([{ status: 'live' }, { status: 'live' }]);
    expect(await publish('on')).toMatchObject({ code: 'INVALID_FLOW', errors: [{ path: '/trigger', message: expect.stringContaining('circle') }] });
    await fill(2);
    const tried = await owner.post('/flows/off/dry-run', { identity: { namespace: 'email', value: 'person1@example.com' } });
    expect(tried.body).toMatchObject({ steps: [{ stepId: 'change', reason: 'not-listed' }] });
    expect((await owner.post('/flows/again/dry-run', { identity: { namespace: 'email', value: 'person1@example.com' } })).body).toMatchObject({ steps: [{ stepId: 'change', reason: 'listed' }] });
    expect((await owner.get('/segments/circle/list')).body).toMatchObject({ listed: 0 });
    await owner.post('/flows/off/pause');
    expect(await publish('on')).toMatchObject({ status: 'live' });
    expect((await owner.post('/flows/off/resume')).body).toMatchObject({ code: 'INVALID_FLOW' });
    // The half of a circle that a segment closes.
    await owner.post('/segments', { id: 'round', name: 'R', purpose: 'service', condition: { event: 'Order Completed' } });
    await owner.post('/segments/round/publish');
    await owner.post('/flows', { id: 'third', flow: { ...flow('entered', 'removeFromList'), trigger: { type: 'segment', segmentId: 'round', on: 'entered' } } });
    expect(await publish('third')).toMatchObject({ status: 'live' });
    await owner.put('/segments/round', 2, { condition: { not: { list: 'circle' } } });
    expect((await owner.post('/segments/round/publish')).body).toMatchObject({ code: 'INVALID_SEGMENT', errors: [{ path: '/condition', message: expect.stringContaining('circle') }] });
  });
});
