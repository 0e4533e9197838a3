import { createHash, randomUUID } from 'node:crypto';
import { adminClient, logIn, type AdminClient } from '../support/admin-client.js';
import { startFakeMeta, type FakeMeta } from '../support/fake-meta.js';
import { startFakeWebhookReceiver, type FakeWebhookReceiver } from '../support/fake-webhook-receiver.js';
import { startHost, type TestHost } from '../support/start-host.js';
import { until } from '../support/until.js';

/** A register sends receipts that nobody can be found by; they are caught, repaired and released, over REST. */
let host: TestHost;
let owner: AdminClient;
let crm: FakeWebhookReceiver;
let meta: FakeMeta;
let shop: { secretKey: string };
let till: { connectionId: string; secretKey: string };

interface Group { id: string; code: string; count: number; mappingVersion: number; samples: { id: string; raw: Record<string, string> | null }[] }
interface Job { id: string; state: string; counts: Record<string, number> }
type Raw = Record<string, string>;

beforeAll(async () => {
  [host, crm, meta] = await Promise.all([startHost(), startFakeWebhookReceiver(), startFakeMeta()]);
  owner = patient(await logIn(host.url, host.firstRun?.ownerEmail ?? '', host.firstRun?.ownerPassword ?? ''));
  for (const purpose of ['marketing', 'ads']) await host.seed.purpose(purpose);
  await host.seed.purpose('service', { lawfulBasis: 'contract' });
  const agreementId = await host.seed.agreement(['marketing', 'ads', 'service'], { id: 'notice' });
  till = await host.seed.source({ pluginId: 'csv', capability: 'receipts', id: 'till', agreementId, settings: { country: 'CN', currency: 'CNY' } });
  shop = await host.seed.source({ pluginId: 'web', capability: 'events', id: 'shop', agreementId });
  const { accessToken, ...settings } = meta.settings;
  await host.seed.destination({ pluginId: 'meta-ads', id: 'ads', settings, secrets: { accessToken } });
  const { url, secret } = crm.settings;
  await host.seed.destination({ pluginId: 'webhook', id: 'crm', settings: { url }, secrets: { secret } });
  await host.seed.segment({ id: 'buyers', purpose: 'marketing', condition: { event: 'Order Completed', within: { days: 30 } } });
  const steps = (action: string): Parameters<typeof host.seed.flow>[0]['steps'] => [{ id: 'send', type: 'deliver', connectionId: 'crm', action }];
  await host.seed.flow({ flowId: 'orders', purpose: 'marketing', acceptsHistorical: true, trigger: { type: 'event', name: 'Order Completed' }, steps: steps('send-event') });
  await host.seed.flow({ flowId: 'buyers', purpose: 'marketing', acceptsHistorical: true, trigger: { type: 'segment', segmentId: 'buyers', on: 'entered' }, steps: steps('sync-segment') });
  await host.seed.flow({ flowId: 'greet', purpose: 'marketing', acceptsHistorical: false, trigger: { type: 'event', name: 'Order Completed' }, steps: steps('send-profile') });
  for (const email of ['ana@example.com', 'ben@example.com', 'cleo@example.com']) {
    await owner.post('/consents', { identity: { namespace: 'email', value: email }, agreement: { agreementId: 'notice', version: 1, language: 'en' }, decisions: [{ purpose: 'marketing', decision: 'granted' }], submissionId: randomUUID() });
  }
});
afterAll(() => Promise.all([host.stop(), crm.close(), meta.close()]));

/** A host that has not read its configuration for a second says so (503) rather than answer by an old one: on a machine that is busy it is asked again. */
function patient(client: AdminClient): AdminClient {
  const call: AdminClient['call'] = (...given) => until(() => client.call(...given), ({ status }) => status !== 503);
  return { call, get: (path) => call('GET', path), post: (path, body = {}) => call('POST', path, { body }), put: (path, ifMatch, body) => call('PUT', path, { ifMatch, body }) };
}

const day = (ago: number): string => new Date(Date.now() - ago * 86_400_000).toISOString();
const receipt = (no: string, email: string, header = 'e_mail'): string => `receipt_no,line_no,purchased_at,store_id,${header},product_name,quantity,unit_price,line_total\n${no},1,${day(2)},hz-01,${email},Shirt,1,399.00,399.00\n`;
async function send(csv: string): Promise<void> {
  const answer = await fetch(`${host.url}/import/till`, { method: 'POST', headers: { authorization: `Basic ${btoa(`${till.secretKey}:`)}`, 'content-type': 'text/csv' }, body: csv });
  expect(answer.status).toBe(200);
}
const groups = async (): Promise<Group[]> => ((await owner.get('/quarantine/groups')).body.items ?? []) as Group[];
const done = async (id: string): Promise<Job> => until(async () => (await owner.get(`/quarantine/jobs/${id}`)).body as unknown as Job, ({ state }) => state !== 'running');
const lookup = async (email: string) => (await owner.get(`/profiles/lookup?namespace=email&value=${email}`)).body as { timeline?: { name: string }[]; memberships?: { segmentId: string; isMember: boolean }[] };
const balance = async () => (await owner.get('/balance')).body as { difference: number; sources: { connectionId: string; received: number; parts: Record<string, number> }[] };
const booksOf = async (connectionId: string) => (await balance()).sources.find((line) => line.connectionId === connectionId);

it('plays the story: caught, repaired, tried, released, and profile, segment and CRM come out right, each event once', async () => {
  for (const [no, email] of [['r1', 'ana@example.com'], ['r2', 'ben@example.com'], ['r3', 'ana@example.com'], ['r4', '']]) await send(receipt(no as string, email as string));
  const [caught] = await until(groups, ([group]) => group?.count === 4);
  expect(caught).toMatchObject({ connectionId: 'till', code: 'MISSING_IDENTITY', mappingVersion: 0, samples: [{ raw: { receipt_no: 'r4' } }, {}, {}] });
  const list = await owner.get(`/quarantine?groupId=${caught?.id}&limit=3`);
  expect((await owner.get(`/quarantine?groupId=${caught?.id}&limit=3&cursor=${String(list.body.nextCursor)}`)).body).toMatchObject({ items: [{ groupId: caught?.id }], nextCursor: null });
  const ids = (list.body.items as { id: string }[]).map(({ id }) => id);
  expect(await Promise.all(ids.map(async (id) => ((await owner.get(`/quarantine/${id}`)).body.raw as Raw).receipt_no))).toEqual(['r1', 'r2', 'r3']);
  expect(crm.messages).toEqual([]);

  const selection = { filter: { groupId: caught?.id } };
  expect((await owner.post('/quarantine/dry-runs', selection)).body).toEqual({ records: 4, counts: { 'quarantined.MISSING_IDENTITY': 4 }, nextCursor: null });
  const { body: own } = await owner.get('/mappings/till');
  expect((await owner.put('/mappings/till', own.version, { mapping: { ...(own.mapping as object), 'identities.email': '{{trim e_mail}}' } })).status).toBe(200);
  expect((await owner.post('/mappings/till/publish')).status).toBe(200);
  // The register sends one of them again, now that it is understood.
  await send(receipt('r1', 'ana@example.com'));
  await until(() => booksOf('till'), (line) => line?.parts.applied === 1);

  // Nobody wrote the fourth one's address down: the admin finds it out.
  const fourth = caught?.samples[0]?.id as string;
  const changed = await owner.put(`/quarantine/${fourth}/values`, 1, { changes: [{ path: '/e_mail', value: 'cleo@example.com' }, { path: '/product_name', value: 'Linen shirt' }] });
  expect(changed.body).toMatchObject({ version: 2, raw: { e_mail: 'cleo@example.com' }, original: { receipt_no: 'r4' }, edits: [{ by: { kind: 'user' }, changes: [{ path: '/e_mail', new: 'cleo@example.com' }, { path: '/product_name', old: 'Shirt', new: 'Linen shirt' }] }] });
  expect(changed.body.original).not.toHaveProperty('e_mail');
  expect((await owner.put(`/quarantine/${fourth}/values`, 1, { changes: [{ path: '/e_mail', value: 'x' }] })).status).toBe(412);
  expect((await owner.put(`/quarantine/${fourth}/values`, 2, { changes: [{ path: '/none/email', value: 'x' }] })).body).toMatchObject({ code: 'INVALID_REQUEST', errors: [{ path: '/changes/0/path' }] });
  const noted = (await host.connected.connection.getClient().db(host.databaseName).collection('auditTrail').find({ $or: [{ route: 'quarantine.edited' }, { 'content.route': 'quarantine.edited' }] }).toArray()).map((row) => JSON.stringify(row));
  expect(noted[0]).toContain('/e_mail');
  expect(noted.join()).not.toContain('cleo@');

  expect((await owner.post('/quarantine/dry-runs', selection)).body).toEqual({ records: 4, counts: { applied: 3, duplicate: 1 }, nextCursor: null });
  expect((await booksOf('till'))?.parts).toEqual({ applied: 1, quarantined: 4 });

  // Two clicks.
  const jobs = await Promise.all([1, 2].map(async () => (await owner.post('/quarantine/releases', { ...selection, startsFlows: true })).body as unknown as Job));
  const ended = await Promise.all(jobs.map(({ id }) => done(id)));
  const sum = (key: string): number => ended.reduce((all, { counts }) => all + (counts[key] ?? 0), 0);
  expect([sum('applied'), sum('duplicate')]).toEqual([3, 1]);
  await until(() => crm.messages.length, (count) => count >= 7);
  for (const [email, orders] of [['ana@example.com', 2], ['ben@example.com', 1], ['cleo@example.com', 1]] as const) {
    const person = await lookup(email);
    expect(person.timeline?.filter(({ name }) => name === 'Order Completed')).toHaveLength(orders);
    expect(person.memberships).toEqual(expect.arrayContaining([expect.objectContaining({ segmentId: 'buyers', isMember: true })]));
  }
  const types = crm.messages.map(({ type }) => type);
  expect([types.filter((type) => type === 'segment.entered').length, types.length, crm.repeated]).toEqual([3, 7, []]);
  expect(await booksOf('till')).toMatchObject({ received: 5, parts: { applied: 4, duplicate: 1 } });
  expect((await balance()).difference).toBe(0);
  expect((await groups())).toEqual([]);
});

it('throws away, exports and shows by role, and refuses what is no selection', async () => {
  await send(`${receipt('r8', 'x', 'nobody')}`);
  await send(`${receipt('r9', 'y', 'nobody')}`);
  const ofThese = ({ samples }: Group): boolean => samples.some(({ raw }) => raw?.receipt_no === 'r9');
  const group = (await until(groups, (all) => all.find(ofThese)?.count === 2)).find(ofThese);
  const selection = { filter: { groupId: group?.id } };
  const file = await owner.post('/quarantine/exports', selection);
  expect(file.headers.get('content-type')).toContain('application/x-ndjson');
  expect(file.text.trim().split('\n').map((line) => (JSON.parse(line) as { raw: Raw }).raw.receipt_no)).toEqual(['r8', 'r9']);

  const { body: key } = await owner.post('/api-keys', { name: 'Wires', roles: ['integrator'] });
  const integrator = patient(adminClient(host.url, String(key.apiKey)));
  expect(((await integrator.get('/quarantine/groups')).body.items as Group[]).filter(({ id }) => id === group?.id)).toMatchObject([{ count: 2, samples: [{ raw: null }, { raw: null }] }]);
  for (const [call, status] of [
    [integrator.post('/quarantine/exports', selection), 403], [integrator.post('/quarantine/discards', { ...selection, reason: 'test-data' }), 403], [integrator.put(`/quarantine/${group?.samples[0]?.id}/values`, 1, { changes: [{ path: '/x', value: 1 }] }), 403],
    [owner.post('/quarantine/releases', { filter: {} }), 400], [owner.post('/quarantine/releases', {}), 400], [owner.post('/quarantine/discards', selection), 400], [owner.get('/quarantine?cursor=eA'), 400], [owner.get('/quarantine/jobs?cursor=eA'), 400],
  ] as const) expect((await call).status).toBe(status);

  // Whoever changes it over and over comes to an end before the document does.
  const often = String(group?.samples[0]?.id);
  const place = { _id: `${host.workspaceId}|${often}` as never };
  const stored = host.connected.connection.getClient().db(host.databaseName).collection('quarantine');
  await stored.updateOne(place, { $set: { edits: [{ at: 1, by: { kind: 'user', id: 'u' }, changes: JSON.stringify([{ path: '/x', old: 'y'.repeat(4 * 1024 * 1024), new: 'z' }]) }] } });
  const full = await owner.put(`/quarantine/${often}/values`, 2, { changes: [{ path: '/product_name', value: 'Shirt' }] });
  expect([full.status, full.body.code]).toEqual([413, 'PAYLOAD_TOO_LARGE']);
  await stored.updateOne(place, { $unset: { edits: 1 } });
  expect((await owner.post('/quarantine/discards', selection)).body.errors).toEqual([{ path: '/reason', message: expect.stringMatching(/^is missing/) as string }]);
  const { body } = await owner.post('/quarantine/discards', { ...selection, reason: 'test-data' });
  expect(await done(String(body.id))).toMatchObject({ state: 'done', kind: 'discard', reason: 'test-data', counts: { discarded: 2 } });
  expect((await owner.post(`/quarantine/jobs/${String(body.id)}/cancel`)).status).toBe(409);
  expect((await owner.get('/quarantine/jobs?limit=1')).body).toMatchObject({ items: [{ id: body.id }], nextCursor: expect.any(String) });
  expect(await booksOf('till')).toMatchObject({ parts: { discarded: 2 } });
  expect((await balance()).difference).toBe(0);
});

const hashOf = (email: string): string => createHash('sha256').update(email).digest('hex');
const message = (type: string, more: object): object => ({ type, messageId: randomUUID(), timestamp: new Date().toISOString(), context: { consent: { categoryPreferences: { marketing: true, ads: true } } }, ...more });
async function batch(...messages: object[]): Promise<void> {
  const answer = await fetch(`${host.url}/v1/batch`, { method: 'POST', headers: { authorization: `Basic ${btoa(`${shop.secretKey}:`)}`, 'content-type': 'application/json' }, body: JSON.stringify({ batch: messages }) });
  expect(answer.status).toBe(200);
}
const decideAds = (email: string, decision: 'granted' | 'withdrawn') => owner.post('/consents', { identity: { namespace: 'email', value: email }, ...(decision === 'granted' ? { agreement: { agreementId: 'notice', version: 1, language: 'en' } } : {}), decisions: [{ purpose: 'ads', decision }], submissionId: randomUUID() });
const profileOf = async (email: string) => (await owner.get(`/profiles/lookup?namespace=email&value=${email}`)).body as { id: string; mergedFrom: string[]; timeline: { name: string }[]; memberships: { segmentId: string; isMember: boolean }[] };
const intoAds = (flowId: string, segmentId: string) => host.seed.flow({ flowId, purpose: 'ads', acceptsHistorical: true, trigger: { type: 'segment', segmentId, on: 'entered' }, steps: [{ id: 'add', type: 'deliver', connectionId: 'ads', action: 'custom-audience' }] });

it('keeps an ad audience whole while a broken import empties its segment, lets who withdraws out at once, and goes on when somebody has approved', async () => {
  await host.seed.segment({ id: 'locals', purpose: 'ads', condition: { trait: 'city', op: 'eq', value: 'Hangzhou' } });
  await intoAds('locals', 'locals');
  const { body: segment } = await owner.get('/segments/locals');
  expect(segment.pushLimits).toMatchObject({ shrinkPercent: 50, minPeople: 50 });
  expect((await owner.put('/segments/locals', segment.version, { pushLimits: { shrinkPercent: 20, minPeople: 2 } })).body).toMatchObject({ pushLimits: { shrinkPercent: 20, minPeople: 2, withinHours: 24 } });
  await host.configuration.refresh();
  const people = ['l1', 'l2', 'l3', 'l4', 'l5', 'l6'];
  const addressOf = (userId: string): string => `${userId}@example.com`;
  await batch(...people.map((userId) => message('identify', { userId, traits: { email: addressOf(userId), city: 'Hangzhou' } })));
  await until(() => meta.audience.people.length, (count) => count === 6);

  await batch(...people.map((userId) => message('identify', { userId, traits: { city: 'N/A' } })));
  const held = await until(async () => (await owner.get('/push-gates/ads/locals')).body, ({ state, waiting }) => state === 'held' && waiting === 6);
  expect(held).toMatchObject({ breaches: [{ kind: 'shrunk', before: 6, now: 0, limit: 1 }], figures: { size: 0 }, decision: null, sample: [{ operation: 'removeMembers', identities: expect.arrayContaining([{ namespace: 'userId', value: 'l1' }]) }, {}, {}, {}, {}, {}] });
  expect((await owner.get('/push-gates?state=held')).body).toMatchObject({ items: [{ id: 'ads.locals', segmentId: 'locals' }], nextCursor: null });
  expect((await owner.get('/connections/ads/audiences/locals.add')).body).toMatchObject({ pushGate: { state: 'held' } });
  const [waiting] = held.sample as { deliveryId: string }[];
  expect((await owner.get(`/deliveries/${waiting?.deliveryId}/explain`)).body).toMatchObject({ delivery: { state: 'pending', reason: 'push-held' }, words: expect.stringContaining('beyond its limits'), pushGate: { state: 'held', breaches: [{ kind: 'shrunk' }] } });
  expect((await owner.post('/segments/locals/exports', { purpose: 'ads', fields: ['identities.email'], connectionId: 'ads' })).body).toMatchObject({ code: 'PUSH_HELD' });
  expect(meta.audience.people).toHaveLength(6);

  await decideAds(addressOf('l1'), 'withdrawn');
  await until(() => meta.audience.people.length, (count) => count === 5);
  expect(meta.audience.isMember(hashOf(addressOf('l1')))).toBe(false);

  const { body: key } = await owner.post('/api-keys', { name: 'Wires too', roles: ['integrator'] });
  const integrator = patient(adminClient(host.url, String(key.apiKey)));
  // Who may see no customers learns that it is held, and no numbers of few.
  expect((await integrator.get('/push-gates/ads/locals')).status).toBe(403);
  expect((await integrator.get('/connections/ads/audiences/locals.add')).body).toMatchObject({ pushGate: { state: 'held', figures: null, breaches: [{ kind: 'shrunk', before: null, now: null }] } });
  const { at } = held.figures as { at: string };
  expect((await integrator.post('/push-gates/ads/locals/approve', { figuresAt: at })).status).toBe(403);
  expect((await owner.post('/push-gates/ads/locals/approve', { figuresAt: '2026-01-01T00:00:00.000Z' })).body).toMatchObject({ code: 'PUSH_MOVED' });
  expect((await owner.post('/push-gates/ads/locals/approve', { figuresAt: at })).body).toMatchObject({ state: 'asked', decision: { as: 'approved' } });
  await until(() => meta.audience.people.length, (count) => count === 0);
  expect((await owner.post('/push-gates/ads/locals/reject')).body).toMatchObject({ code: 'PUSH_NOT_HELD' });
  expect((await owner.get('/push-gates/ads/locals')).body).toMatchObject({ state: 'open', waiting: 0, breaches: [] });
  expect((await balance()).difference).toBe(0);
});

it('undoes a wrong merge: the ad audience follows it and comes back, each person in their segment and each event in the CRM once', async () => {
  await intoAds('buyers-ads', 'buyers');
  const before = crm.messages.length;
  const [mia, noa] = ['mia@example.com', 'noa@example.com'];
  const buys = (userId: string, email: string): object[] => [message('identify', { userId, traits: { email } }), message('track', { userId, event: 'Order Completed', properties: { order_id: `o-${userId}`, total: 9, currency: 'EUR' } })];
  await decideAds(noa, 'withdrawn');
  await batch(...buys('mia', mia));
  // A tool that repeats a yes does not lift what Noa has said.
  await batch(...buys('noa', noa));
  await until(() => meta.audience.people.length, (count) => count === 1);
  expect(meta.audience.isMember(hashOf(mia))).toBe(true);
  // The order, the greeting and the segment of each.
  await until(() => crm.messages.length - before, (count) => count === 6);

  await batch(message('alias', { userId: 'mia', previousId: 'noa' }));
  const merged = await until(() => profileOf(mia), ({ mergedFrom }) => mergedFrom.length === 1);
  expect((await profileOf(noa)).id).toBe(merged.id);
  // One person, of whom one half has refused: nobody may be shown advertising.
  await until(() => meta.audience.people.length, (count) => count === 0);

  expect((await owner.post(`/profiles/${merged.mergedFrom[0]}/unmerge`)).status).toBe(200);
  await until(() => meta.audience.people.length, (count) => count === 1);
  expect([meta.audience.isMember(hashOf(mia)), meta.audience.isMember(hashOf(noa))]).toEqual([true, false]);
  const both = [await profileOf(mia), await profileOf(noa)];
  expect(new Set(both.map(({ id }) => id)).size).toBe(2);
  for (const { mergedFrom, timeline, memberships } of both) {
    expect(mergedFrom).toEqual([]);
    expect(timeline.filter(({ name }) => name === 'Order Completed')).toHaveLength(1);
    expect(memberships).toEqual(expect.arrayContaining([expect.objectContaining({ segmentId: 'buyers', isMember: true })]));
  }
  expect([crm.messages.length - before, crm.repeated]).toEqual([6, []]);
  expect((await balance()).difference).toBe(0);
});
