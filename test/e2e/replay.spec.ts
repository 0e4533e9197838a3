import { randomUUID } from 'node:crypto';
import { logIn, type AdminClient } from '../support/admin-client.js';
import { startFakeWebhookReceiver, type FakeWebhookReceiver } from '../support/fake-webhook-receiver.js';
import { startHost, type TestHost } from '../support/start-host.js';
import { until } from '../support/until.js';

/** Dead deliveries, taken up again by their ids. */
let host: TestHost;
let owner: AdminClient;
let receiver: FakeWebhookReceiver;
let writeKey: string;

interface Shown {
  id: string;
  state: string;
  reason: string | null;
  attempt: number;
  createdAt: string;
  dueAt: string;
  flowId: string;
  evidence: { attempt: number; isAllowed: boolean; reason: string; idempotencyKey: string }[];
  outcomes: { attempt: number; outcome: string }[];
}

beforeAll(async () => {
  [host, receiver] = await Promise.all([startHost(), startFakeWebhookReceiver()]);
  owner = await logIn(host.url, host.firstRun?.ownerEmail ?? '', host.firstRun?.ownerPassword ?? '');
  await host.seed.purpose('marketing');
  await host.seed.purpose('service', { lawfulBasis: 'contract' });
  const agreementId = await host.seed.agreement(['marketing', 'service'], { id: 'notice' });
  ({ secretKey: writeKey } = await host.seed.source({ pluginId: 'web', capability: 'events', agreementId }));
  const { url, secret } = receiver.settings;
  await host.seed.destination({ pluginId: 'webhook', id: 'crm', settings: { url }, secrets: { secret } });
  await host.seed.flow({ purpose: 'marketing', trigger: { type: 'event', name: 'Order Completed' }, steps: [{ id: 'send', type: 'deliver', connectionId: 'crm', action: 'send-event' }] });
});
afterAll(() => Promise.all([host.stop(), receiver.close()]));

const decide = async (userId: string, decision: 'granted' | 'withdrawn'): Promise<void> => {
  const answer = await owner.post('/consents', {
    identity: { namespace: 'userId', value: userId }, decisions: [{ purpose: 'marketing', decision }], submissionId: randomUUID(),
    ...(decision === 'granted' ? { agreement: { agreementId: 'notice', version: 1, language: 'en' } } : {}),
  });
  expect(answer.status).toBe(201);
};

async function show(id: string): Promise<Shown> {
  return (await owner.get(`/deliveries/${encodeURIComponent(id)}`)).body as unknown as Shown;
}

/** A person who has agreed, with a delivery that the receiver refuses for good. Gives its id. */
async function deadDelivery(userId: string): Promise<string> {
  await decide(userId, 'granted');
  receiver.script({ answer: { status: 422 } });
  const before = receiver.requests.length;
  await fetch(`${host.url}/v1/track`, {
    method: 'POST', headers: { authorization: `Basic ${btoa(`${writeKey}:`)}`, 'content-type': 'application/json' },
    body: JSON.stringify({ event: 'Order Completed', userId, messageId: `o-${userId}`, properties: { order_id: `o-${userId}` } }),
  });
  await until(() => receiver.requests.length, (count) => count > before);
  const id = receiver.requests[before]?.headers['webhook-id'] ?? '';
  expect(await until(() => show(id), ({ state }) => state === 'dead')).toMatchObject({ id, state: 'dead', attempt: 0 });
  return id;
}

const difference = async (): Promise<unknown> => (await owner.get('/balance')).body.difference;

it('sends it again under the same key, with evidence of its own, and no other delivery', async () => {
  const [one, other] = [await deadDelivery('ana'), await deadDelivery('bo')];
  const before = receiver.requests.length;
  const answer = await owner.post('/deliveries/replay', { ids: [one] });
  expect([answer.status, answer.body]).toEqual([200, { replayed: 1, hasMore: false, nextCursor: null, lastDueAt: expect.any(String) }]);
  expect(await difference()).toBe(0);
  const shown = await until(() => show(one), ({ state }) => state !== 'pending');
  expect(shown).toMatchObject({ state: 'delivered', reason: null, attempt: 1 });
  expect(shown.evidence.map(({ attempt, isAllowed, reason, idempotencyKey }) => [attempt, isAllowed, reason, idempotencyKey])).toEqual([[0, true, 'consent-granted', one], [1, true, 'consent-granted', one]]);
  expect(shown.outcomes.map(({ attempt, outcome }) => [attempt, outcome])).toEqual([[0, 'dead'], [1, 'delivered']]);
  expect(receiver.requests.slice(before).map(({ headers }) => headers['webhook-id'])).toEqual([one]);
  expect(receiver.messages.map(({ id }) => id)).toEqual([one]);
  expect(await show(other)).toMatchObject({ state: 'dead', attempt: 0 });
  expect(await until(async () => (await owner.get('/balance')).body, ({ destinations }) => (destinations as { parts: { delivered: number } }[])[0]?.parts.delivered === 1)).toMatchObject({ difference: 0, destinations: [{ parts: { delivered: 1 } }] });
});

it('checks consent again: after a withdrawal it is blocked, proven so, and nothing is sent', async () => {
  const id = await deadDelivery('cy');
  const untold = receiver.requests.length;
  await decide('cy', 'withdrawn');
  expect(JSON.parse((await until(() => receiver.requests.slice(untold), ({ length }) => length === 1))[0]?.text ?? '')).toMatchObject({ type: 'person.removed' });
  const before = receiver.requests.length;
  expect((await owner.post('/deliveries/replay', { ids: [id] })).body).toMatchObject({ replayed: 1, hasMore: false });
  const shown = await until(() => show(id), ({ state }) => state !== 'pending');
  expect(shown).toMatchObject({ state: 'blocked', reason: 'consent-withdrawn' });
  expect(shown.evidence.map(({ isAllowed, reason }) => [isAllowed, reason])).toEqual([[true, 'consent-granted'], [false, 'consent-withdrawn']]);
  expect(shown.outcomes.map(({ outcome }) => outcome)).toEqual(['dead']);
  expect(receiver.requests).toHaveLength(before);
  expect(await difference()).toBe(0);

  await decide('cy', 'granted');
  expect((await owner.post('/deliveries/replay', { ids: [id] })).body).toMatchObject({ replayed: 1, hasMore: false });
  expect(await until(() => show(id), ({ state }) => state !== 'pending')).toMatchObject({ state: 'delivered', reason: null });
  expect(receiver.requests).toHaveLength(before + 1);
});

it('takes up neither what was delivered nor what is not there', async () => {
  const id = await deadDelivery('di');
  await owner.post('/deliveries/replay', { ids: [id] });
  expect(await until(() => show(id), ({ state }) => state === 'delivered')).toMatchObject({ state: 'delivered' });
  expect((await owner.post('/deliveries/replay', { ids: [id, 'no-such-delivery'] })).body).toEqual({ replayed: 0, hasMore: false, nextCursor: null, lastDueAt: null });
  expect((await owner.post('/deliveries/replay', { ids: [] })).status).toBe(400);
});

it('takes up what a filter matches, one after the other at the pace that is asked for, each once', async () => {
  const [eva, finn, gus] = [await deadDelivery('eva'), await deadDelivery('finn'), await deadDelivery('gus')];
  const other = await show(gus);
  const filter = { connectionId: 'crm', state: 'dead', flowId: other.flowId, stepId: 'send', reason: 'invalid-payload', from: (await show(eva)).createdAt, to: other.createdAt };
  for (const [name, wrong] of [['flowId', 'none'], ['stepId', 'none'], ['reason', 'invalid'], ['connectionId', 'none'], ['to', filter.from], ['state', 'blocked']] as const) {
    expect((await owner.post('/deliveries/replay', { filter: { ...filter, [name]: wrong } })).body).toMatchObject({ replayed: 0 });
  }
  const sentBefore = receiver.requests.length;
  const { body } = await owner.post('/deliveries/replay', { filter, perSecond: 0.5 });
  expect(body).toMatchObject({ replayed: 2, hasMore: false, nextCursor: null });
  const [first, second] = await Promise.all([show(eva), show(finn)]);
  // Two seconds apart; the first one may have gone by now.
  expect(Date.parse(second.dueAt) - Date.parse(first.dueAt)).toBe(2_000);
  expect(body.lastDueAt).toBe(second.dueAt);
  expect(await until(() => show(finn), ({ state }) => state === 'delivered')).toMatchObject({ state: 'delivered', attempt: 1 });
  expect(receiver.requests.slice(sentBefore).map(({ headers }) => headers['webhook-id'])).toEqual([eva, finn]);
  expect(await show(gus)).toMatchObject({ state: 'dead', attempt: 0 });
  expect(await difference()).toBe(0);
});

it('goes on by its cursor, and takes up none again that has ended once more', async () => {
  const { collections } = host.connected;
  const template = await collections.deliveries.findOne({ connectionId: 'crm' });
  if (template === null) throw new Error('there is a delivery by now');
  await host.seed.change<{ status: string }>('connections', 'crm', (content) => ({ ...content, status: 'paused' }));
  const createdAt = Date.now() - 86_400_000;
  await collections.deliveries.insertMany(Array.from({ length: 1_100 }, (_, index) => (
    { ...template, _id: `${host.workspaceId}|many-${String(index).padStart(5, '0')}`, createdAt: createdAt + (index >> 3), state: 'dead' as const, reason: 'retries-exhausted:destination-failed', attempt: 0 })));
  const filter = { connectionId: 'crm', state: 'dead', reason: 'retries-exhausted' };
  let cursor: unknown;
  const counts: unknown[] = [];
  for (let page = 0; page < 5 && cursor !== null; page += 1) {
    const { body } = await owner.post('/deliveries/replay', { filter, perSecond: 1_000, ...(cursor === undefined ? {} : { cursor }) });
    counts.push(body.replayed);
    cursor = body.nextCursor;
    // Each has failed again by the time of the next page.
    await collections.deliveries.updateMany({ _id: /many-/, state: 'pending' }, { $set: { state: 'dead', reason: 'retries-exhausted:destination-failed' } });
  }
  // Eight were made in each millisecond: none is cut in two.
  expect(counts).toEqual([504, 504, 92]);
  const rows = await collections.deliveries.find({ _id: /many-/ }, { sort: { _id: 1 } }).toArray();
  expect(new Set(rows.map(({ attempt }) => attempt))).toEqual(new Set([1]));
  // The pace holds over the pages.
  expect((rows.at(-1)?.dueAt ?? 0) - (rows[0]?.dueAt ?? 0)).toBeGreaterThanOrEqual(1_099);
  expect((await owner.post('/deliveries/replay', { filter, cursor: 'bm9uZQ' })).body).toMatchObject({ code: 'INVALID_REQUEST' });
});

it('of a connection that was deleted since ends as cancelled, and the books balance', async () => {
  const { collections } = host.connected;
  const { _id, ...template } = (await collections.deliveries.findOne({ connectionId: 'crm', state: 'dead' })) ?? {};
  const id = `${host.workspaceId}|of-one-that-is-gone`;
  await collections.deliveries.insertOne({ ...template, _id: id, connectionId: 'gone', reason: 'invalid-payload' } as never);
  expect((await owner.post('/deliveries/replay', { ids: ['of-one-that-is-gone'] })).body).toMatchObject({ replayed: 1 });
  expect(await until(() => collections.deliveries.findOne({ _id: id }), (row) => row?.state !== 'pending', 15_000)).toMatchObject({ state: 'cancelled', reason: 'connection-deleted' });
  const { body } = await owner.get('/balance?connectionId=gone');
  expect((body.destinations as { parts: object }[]).map(({ parts }) => parts)).toEqual([{ 'cancelled.connection-deleted': 1, 'dead.invalid-payload': -1 }]);
});
