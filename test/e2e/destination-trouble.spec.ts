import { randomUUID } from 'node:crypto';
import { adminClient, logIn, type AdminClient } from '../support/admin-client.js';
import { startHost, type TestHost } from '../support/start-host.js';
import { until } from '../support/until.js';
import { startVendorServer, type VendorFault, type VendorServer } from '../support/vendor-server.js';

/** What a host does about a destination in trouble, over HTTP. Each story has a receiver of its own. */
let host: TestHost;
let owner: AdminClient;
let receiver: VendorServer;
let notices: VendorServer;
let taken: string[];
let repeated: string[];
let writeKey: string;
let clockAheadMs = 0;
let crm: string;

interface Shown { id: string; state: string; reason: string | null; attempt: number; createdAt: string; dueAt: string; exchange: { response: { status: number } | null } | null; outcomes: { attempt: number; outcome: string; reason: string | null; sentAt: string; settledAt: string }[] }

const SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;

beforeAll(async () => {
  notices = await startVendorServer(() => ({ status: 204 }));
  host = await startHost({ clock: () => Date.now() + clockAheadMs, env: { FIRSTHAND_NOTIFY_WEBHOOK_URL: `${notices.url}/`, FIRSTHAND_NOTIFY_WEBHOOK_SECRET: 'a secret of the notices' } });
  await signIn();
  await host.seed.purpose('marketing', { lawfulBasis: 'contract' });
  const agreementId = await host.seed.agreement(['marketing'], { id: 'notice' });
  ({ secretKey: writeKey } = await host.seed.source({ pluginId: 'web', capability: 'events', agreementId }));
});
afterAll(() => Promise.all([host.stop(), notices.close()]));
beforeEach(async () => {
  [taken, repeated] = [[], []];
  receiver = await startVendorServer(({ text }) => {
    for (const { id } of [JSON.parse(text) as { id: string } | { id: string }[]].flat()) (taken.includes(id) ? repeated : taken).push(id);
    return { status: 204 };
  });
  crm = `crm-${randomUUID().slice(0, 8)}`;
});
afterEach(async () => {
  await host.seed.change<{ status: string }>('connections', crm, (content) => ({ ...content, status: 'paused' }));
  await receiver.close();
});

async function connect(change: object = {}): Promise<void> {
  await host.seed.destination({ pluginId: 'webhook', id: crm, settings: { url: `${receiver.url}/hook` }, secrets: { secret: SECRET }, ...change });
  await host.seed.flow({ purpose: 'marketing', trigger: { type: 'event', name: `To ${crm}` }, steps: [{ id: 'send', type: 'deliver', connectionId: crm, action: 'send-event' }] });
}

async function track(count: number, userOf = (index: number) => `u-${index}`): Promise<void> {
  const batch = Array.from({ length: count }, (_, index) => ({ type: 'track', event: `To ${crm}`, userId: userOf(index), messageId: randomUUID(), timestamp: new Date(Date.now() + clockAheadMs + index).toISOString() }));
  const answer = await fetch(`${host.url}/v1/batch`, { method: 'POST', headers: { authorization: `Basic ${btoa(`${writeKey}:`)}`, 'content-type': 'application/json' }, body: JSON.stringify({ batch }) });
  expect(answer.status).toBe(200);
}

async function signIn(): Promise<void> {
  owner = await logIn(host.url, host.firstRun?.ownerEmail ?? '', host.firstRun?.ownerPassword ?? '');
}

/** Sessions end by the host's clock too. */
async function later(ms: number): Promise<void> {
  clockAheadMs += ms;
  await signIn();
}

const metrics = async (): Promise<string> => (await fetch(`${host.url}/metrics`)).text();
const show = async (id: string): Promise<Shown> => (await owner.get(`/deliveries/${encodeURIComponent(id)}`)).body as unknown as Shown;
const deliveries = async (of = crm): Promise<Shown[]> => (await owner.get(`/deliveries?connectionId=${of}&limit=200`)).body.items as Shown[];
const connection = async (): Promise<Record<string, unknown> & { delivery: Record<string, unknown> }> => (await owner.get(`/connections/${crm}`)).body as never;
/** The only delivery, once its first try is written down. */
async function firstTry(fault: VendorFault): Promise<Shown> {
  await connect();
  receiver.script(fault);
  await track(1);
  const [row] = await until(() => deliveries(), ([one]) => one !== undefined && (one.attempt > 0 || one.state !== 'pending'));
  return show(row?.id ?? '');
}

describe('one answer', () => {
  it.each<[string, VendorFault]>([
    ['a reset', { reset: 'before' }], ['a reset after it was taken', { reset: 'after' }], ['500', { answer: { status: 500 } }], ['502', { answer: { status: 502 } }], ['408', { answer: { status: 408 } }],
  ])('of %s is retried, under the same id, until it is delivered', async (_, fault) => {
    const { id, outcomes } = await firstTry(fault);
    expect(outcomes[0]).toMatchObject({ attempt: 0, outcome: 'retry', reason: 'destination-failed' });
    expect(await until(() => show(id), ({ state }) => state === 'delivered')).toMatchObject({ state: 'delivered', attempt: 1 });
    expect(receiver.requests.map(({ headers }) => headers['webhook-id'])).toEqual([id, id]);
    expect(taken).toEqual([id]);
  });

  it.each<[string, VendorFault, number]>([['hangs after its headers', { hang: true }, 10_000], ['breaks off', { reset: 'before' }, 0]])('that %s is a failure of its destination alone: another one gets its own meanwhile, and it is tried again', async (_, fault, atLeastMs) => {
    const other = await startVendorServer(() => ({ status: 204 }));
    const otherId = await host.seed.destination({ pluginId: 'webhook', settings: { url: `${other.url}/hook` }, secrets: { secret: SECRET } });
    await connect();
    await host.seed.flow({ purpose: 'marketing', trigger: { type: 'event', name: `To ${crm}` }, steps: [{ id: 'send', type: 'deliver', connectionId: otherId, action: 'send-event' }] });
    // As many as the destination has slots; then more, for both.
    receiver.script({ ...fault, times: 4 });
    await track(4);
    await until(() => receiver.requests.length, (count) => count >= 4);
    await track(4, (index) => `v-${index}`);
    await until(() => deliveries(), (all) => all.length === 8 && all.every(({ state }) => state === 'delivered'), 60_000);
    const [id] = receiver.requests.map(({ headers }) => headers['webhook-id']);
    const { outcomes } = await show(id ?? '');
    expect(outcomes.map(({ outcome, reason }) => [outcome, reason])).toEqual([['retry', 'destination-failed'], ['delivered', null]]);
    expect(Date.parse(outcomes[0]?.settledAt ?? '') - Date.parse(outcomes[0]?.sentAt ?? '')).toBeGreaterThanOrEqual(atLeastMs);
    const elsewhere = await Promise.all((await deliveries(otherId)).map((row) => show(row.id)));
    expect(elsewhere.map(({ state, attempt }) => [state, attempt])).toEqual(Array(8).fill(['delivered', 0]));
    if (fault.hang === true) expect(elsewhere.filter((row) => (row.outcomes[0]?.settledAt ?? '') >= (outcomes[0]?.settledAt ?? ''))).toEqual([]);
    expect([receiver.requests.length, taken.length, repeated]).toEqual([12, 8, []]);
    await host.seed.change<{ status: string }>('connections', otherId, (content) => ({ ...content, status: 'paused' }));
    await other.close();
  });

  it.each([400, 404, 405, 409, 413, 422])('of %i stops it', async (status) => {
    const shown = await firstTry({ answer: { status } });
    expect(shown).toMatchObject({ state: 'dead', reason: status === 404 || status === 405 ? 'endpoint-missing' : 'invalid-payload', attempt: 0, exchange: { response: { status } } });
    expect(receiver.requests).toHaveLength(1);
  });

  it('of 302 is a failure, and is not followed', async () => {
    const shown = await firstTry({ answer: { status: 302, headers: { location: `${receiver.url}/elsewhere` } } });
    expect(shown).toMatchObject({ state: 'dead', reason: 'destination-moved', attempt: 0, exchange: { response: { status: 302, headers: { location: '***' } } } });
    expect(receiver.requests.map(({ path }) => path)).toEqual(['/hook']);
  });

  it.each<[string, number, () => string, number]>([
    ['429 with seconds', 429, () => '120', 120], ['503 with seconds', 503, () => '300', 300], ['503 with a date', 503, () => new Date(Date.now() + clockAheadMs + 600_000).toUTCString(), 600],
    ['429 with more than a day', 429, () => '900000', 86_400],
  ])('of %s waits as long as it says, and so do all others', async (_, status, header, seconds) => {
    const shown = await firstTry({ answer: { status, headers: { 'retry-after': header() } } });
    const asked = Date.parse(shown.dueAt) - Date.parse(shown.outcomes[0]?.settledAt ?? '');
    // A date has whole seconds, and is as old as it took to send it.
    expect(Math.abs(asked - seconds * 1_000)).toBeLessThan(15_000);
    await track(3);
    await until(() => deliveries(), (rows) => rows.length === 4);
    const { pausedUntil } = (await connection()).delivery as { pausedUntil: string };
    expect(Math.abs(Date.parse(pausedUntil) - Date.parse(shown.dueAt))).toBeLessThan(15_000);
    expect((await deliveries()).map(({ state, attempt }) => [state, attempt]).sort()).toEqual([['pending', 0], ['pending', 0], ['pending', 0], ['pending', 1]]);
    expect(receiver.requests).toHaveLength(1);
    await later(seconds * 1_000 + 15_000);
    await until(() => deliveries(), (rows) => rows.every(({ state }) => state === 'delivered'));
    expect(taken).toHaveLength(4);
  });
});

it('of which nothing more remains is waited for, whatever the status was', async () => {
  await connect();
  receiver.script({ answer: { status: 204, headers: { ratelimit: '"default";r=0;t=90' } } });
  await track(1);
  await until(() => deliveries(), ([one]) => one?.state === 'delivered');
  await track(1);
  await until(() => deliveries(), (rows) => rows.length === 2);
  expect((await deliveries()).map(({ state, attempt }) => [state, attempt]).sort()).toEqual([['delivered', 0], ['pending', 0]]);
  await later(91_000);
  await until(() => deliveries(), (rows) => rows.every(({ state }) => state === 'delivered'));
  expect(receiver.requests).toHaveLength(2);
});

it('in a list only the message that the receiver refuses is dead, the others are not sent again', async () => {
  await connect({ settings: { url: `${receiver.url}/hook`, arrays: true }, concurrency: 1 });
  await host.seed.change<{ status: string }>('connections', crm, (content) => ({ ...content, status: 'paused' }));
  await track(4);
  await until(() => deliveries(), (rows) => rows.length === 4);
  // The whole list, then the half that holds the bad one, then that one alone.
  receiver.script({ times: 3, answer: { status: 422 } });
  await host.seed.change<{ status: string }>('connections', crm, (content) => ({ ...content, status: 'enabled' }));
  await until(() => deliveries(), (rows) => rows.every(({ state }) => state !== 'pending'));
  expect((await deliveries()).map(({ state }) => state).sort()).toEqual(['dead', 'delivered', 'delivered', 'delivered']);
  expect(repeated).toEqual([]);
  expect(taken).toHaveLength(3);
});

it('a request holds no more deliveries than the connection says', async () => {
  await connect({ settings: { url: `${receiver.url}/hook`, arrays: true }, concurrency: 1, batchSize: 3 });
  await host.seed.change<{ status: string }>('connections', crm, (content) => ({ ...content, status: 'paused' }));
  await track(7);
  await until(() => deliveries(), (rows) => rows.length === 7);
  await host.seed.change<{ status: string }>('connections', crm, (content) => ({ ...content, status: 'enabled' }));
  await until(() => deliveries(), (rows) => rows.every(({ state }) => state === 'delivered'));
  const sizes = receiver.requests.map(({ text }) => (JSON.parse(text) as unknown[]).length);
  expect(Math.max(...sizes)).toBe(3);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(7);
});

it('a destination that fails opens its breaker: the others’ tries are spared until one request has gone through', async () => {
  await connect({ concurrency: 1 });
  receiver.script({ times: 11, answer: { status: 500 } });
  await track(40);
  await until(connection, ({ delivery }) => delivery.breaker === 'open');
  expect((await connection()).delivery).toMatchObject({ breaker: 'open', failingSince: expect.any(String) });
  const breakerOf = async (): Promise<string> => new RegExp(`firsthand_delivery_breaker_state\\{workspace="${host.workspaceId}",connection="${crm}"\\} (\\d)`).exec(await metrics())?.[1] ?? '';
  expect(await until(breakerOf, (state) => state === '2')).toBe('2');
  expect(await metrics()).toContain(`firsthand_deliveries_total{workspace="${host.workspaceId}",connection="${crm}",outcome="retry",reason="destination-failed"} 10`);
  const rows = await until(() => deliveries(), (all) => all.length === 40);
  const tries = receiver.requests.length;
  expect(tries).toBe(10);
  expect(rows.reduce((sum, { attempt }) => sum + attempt, 0)).toBe(tries);
  // Half-open: one request, which fails; it is closed again for the second trial.
  await later(11_000);
  await until(() => receiver.requests.length, (count) => count > tries);
  await until(connection, ({ delivery }) => delivery.breaker === 'open');
  expect(receiver.requests).toHaveLength(tries + 1);
  await later(21_000);
  await until(() => deliveries(), (all) => all.every(({ state }) => state === 'delivered'));
  expect(taken).toHaveLength(40);
  expect((await connection()).delivery).toMatchObject({ breaker: 'closed', openUntil: null, failingSince: null, failures: 0 });
  expect((await owner.get('/balance')).body.difference).toBe(0);
  expect(await metrics()).toContain(`firsthand_deliveries_total{workspace="${host.workspaceId}",connection="${crm}",outcome="delivered",reason=""} 40`);
  expect(await until(breakerOf, (state) => state === '0')).toBe('0');
});

it.each<[string, number, string]>([['page that sends every request elsewhere', 302, 'destination-moved'], ['wrong address', 404, 'endpoint-missing']])('a %s opens the breaker too, and keeps what waits', async (_name, status, why) => {
  await connect({ concurrency: 1 });
  receiver.script({ times: 11, answer: { status, headers: { location: `${receiver.url}/maintenance` } } });
  await track(40);
  await until(connection, ({ delivery }) => delivery.breaker === 'open');
  const states = async (): Promise<string[]> => (await deliveries()).map(({ state, reason }) => `${state} ${reason}`).sort();
  expect(await until(states, (all) => all.length === 40)).toEqual([...Array<string>(10).fill(`dead ${why}`), ...Array<string>(30).fill('pending null')]);
  // The request on trial is sent elsewhere as well: it opens again.
  await later(11_000);
  await until(states, (all) => all[10] === `dead ${why}`);
  expect((await until(connection, ({ delivery }) => delivery.breaker === 'open')).delivery.failures).toBe(11);
  expect(receiver.requests).toHaveLength(11);
  await later(21_000);
  await until(() => deliveries(), (all) => all.every(({ state }) => state !== 'pending'));
  expect([taken.length, receiver.requests.every(({ path }) => path === '/hook')]).toEqual([29, true]);
});

it('what a destination is sent is followed live, masked, by who may read deliveries, and again after a break', async () => {
  await connect();
  const { body: session } = await adminClient(host.url).post('/sessions', { email: host.firstRun?.ownerEmail, password: host.firstRun?.ownerPassword });
  const { body: key } = await owner.post('/api-keys', { name: 'Of no role', roles: ['integrator'] });
  await host.seed.change<{ roles: string[] }>('apiKeys', String(key.id), (content) => ({ ...content, roles: [] }));
  await host.repository.create('workspaces', `other-${crm}`, `other-${crm}`, { name: 'Other' }, Date.now());
  await host.repository.create('connections', `other-${crm}`, `theirs-${crm}`, (await host.repository.get<object>('connections', host.workspaceId, crm)).content, Date.now());
  const bearer = (token: unknown): Record<string, string> => ({ authorization: `Bearer ${String(token)}` });
  const mine = bearer(session.token);
  const { connectionId: source } = await host.seed.source({ pluginId: 'web', capability: 'events' });
  const status = async (headers: Record<string, string>, id: string): Promise<number> => (await fetch(`${host.url}/admin/v1/connections/${id}/tail`, { headers })).status;
  expect([await status({}, crm), await status(bearer(key.apiKey), crm), await status(mine, 'none'), await status(mine, `theirs-${crm}`), await status(mine, source)]).toEqual([401, 403, 404, 404, 400]);

  const follow = async (): Promise<{ told(): string; leave(): Promise<void> }> => {
    const stop = new AbortController();
    const answer = await fetch(`${host.url}/admin/v1/connections/${crm}/tail`, { headers: mine, signal: stop.signal });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    let told = '';
    const reading = (async () => { for await (const chunk of answer.body ?? []) told += Buffer.from(chunk).toString(); })().catch(() => undefined);
    return { told: () => told, leave: () => { stop.abort(); return reading; } };
  };
  // The lanes know of a follower within a second: what is sent before is not told.
  const tellTo = (...tails: { told(): string }[]) => until(async () => {
    await track(1, () => 'ana-tail');
    await until(() => deliveries(), (all) => all.every(({ state }) => state === 'delivered'));
    return tails.map(({ told }) => told());
  }, (texts) => texts.every((text) => text.includes('event: exchange')));
  const [first, second] = [await follow(), await follow()];
  await tellTo(first, second);
  const [, data = ''] = /data: (.*)\n\n/.exec(first.told()) ?? [];
  expect(JSON.parse(data)).toMatchObject({ request: { method: 'POST', origin: receiver.url, headers: { 'webhook-signature': '***' }, fields: expect.arrayContaining(['data.event.name', 'id']) }, response: { status: 204 } });
  expect(first.told()).not.toContain('ana-tail');
  // Who leaves takes nobody along, and may come again.
  await first.leave();
  const exchanges = (): number => second.told().split('event: exchange').length;
  const told = exchanges();
  const again = await follow();
  await tellTo(again);
  expect(await until(exchanges, (count) => count > told)).toBeGreaterThan(told);
  expect(again.told()).toContain('event: exchange');
  await second.leave();
  // What is followed with a session is told no longer than it.
  await adminClient(host.url, session.token as string).call('DELETE', '/account/sessions/current');
  const end = 'event: end\ndata: {"code":"UNAUTHENTICATED"}\n\n';
  expect((await until(() => again.told(), (text) => text.endsWith(end))).endsWith(end)).toBe(true);
});

it('what became of a destination’s deliveries is told in numbers: to admins, and to Prometheus', async () => {
  await connect({ concurrency: 1 });
  await host.seed.purpose(`asked-${crm}`);
  await host.seed.flow({ purpose: `asked-${crm}`, trigger: { type: 'event', name: `To ${crm}` }, steps: [{ id: 'send', type: 'deliver', connectionId: crm, action: 'send-event' }] });
  const told = async (): Promise<Record<string, unknown>> => (await owner.get(`/connections/${crm}/delivery-metrics`)).body;
  expect(await told()).toMatchObject({ deliveries: 0, sent: 0, blocked: {}, failed: {}, pending: 0, queueAgeMs: 0, lastHour: { retried: {}, latencyMs: { count: 0, p50: null, p95: null, p99: null } } });
  receiver.script({ answer: { status: 422 } });
  receiver.script({ answer: { status: 503, headers: { 'retry-after': '60' } } });
  await track(3);
  await until(() => deliveries(), (all) => all.filter(({ attempt }) => attempt > 0).length === 1 && all.filter(({ state }) => state === 'dead').length === 1);
  // During the vendor's pause nothing is decided: what will be blocked may wait too.
  expect(await told()).toMatchObject({ deliveries: 6, sent: 0, failed: { 'invalid-payload': 1 }, lastHour: { retried: { 'destination-failed': 1 }, latencyMs: { count: 2 } } });
  // What waits behind the vendor's pause grows old: the one that was never tried from its making on.
  clockAheadMs += 40_000;
  await signIn();
  const made = Math.min(...(await deliveries()).filter(({ state, attempt }) => state === 'pending' && attempt === 0).map(({ createdAt }) => Date.parse(createdAt)));
  const { at, queueAgeMs } = await told() as { at: string; queueAgeMs: number };
  expect(queueAgeMs).toBe(Date.parse(at) - made);
  expect(queueAgeMs).toBeGreaterThanOrEqual(40_000);
  const gauge = async (): Promise<number> => Number(new RegExp(`firsthand_delivery_queue_age_seconds\\{workspace="${host.workspaceId}",connection="${crm}"\\} ([\\d.]+)`).exec(await metrics())?.[1]);
  expect(await until(gauge, (seconds) => seconds >= 40)).toBeGreaterThanOrEqual(40);
  clockAheadMs += 30_000;
  await signIn();
  await until(() => deliveries(), (all) => all.every(({ state }) => state !== 'pending'));
  const { lastHour, ...counts } = await told() as { lastHour: { latencyMs: Record<'count' | 'p50' | 'p95' | 'p99', number> } };
  expect(counts).toMatchObject({ deliveries: 6, sent: 2, blocked: { 'no-consent': 3 }, failed: { 'invalid-payload': 1 }, pending: 0, queueAgeMs: 0 });
  const { count, p50, p95, p99 } = lastHour.latencyMs;
  expect([count, p50 >= 0 && p50 <= p95 && p95 <= p99]).toEqual([4, true]);
  expect(await until(gauge, (seconds) => seconds === 0)).toBe(0);
  const text = await metrics();
  for (const [labels, value] of [['outcome="delivered",reason=""', 2], ['outcome="blocked",reason="no-consent"', 3], ['outcome="dead",reason="invalid-payload"', 1], ['outcome="retry",reason="destination-failed"', 1]]) {
    expect(text).toContain(`firsthand_deliveries_total{workspace="${host.workspaceId}",connection="${crm}",${labels}} ${value}`);
  }
  expect(text).toContain(`firsthand_delivery_request_duration_seconds_count{workspace="${host.workspaceId}",connection="${crm}"} 4`);
  expect((await owner.get('/connections/none/delivery-metrics')).status).toBe(404);
});

it('410 takes a destination out of service, tells admins, and keeps what waits', async () => {
  await connect({ concurrency: 1 });
  receiver.script({ answer: { status: 410 } });
  await track(5);
  expect(await until(connection, ({ status }) => status === 'paused')).toMatchObject({ status: 'paused', disabled: { reason: 'gone', at: expect.any(String) } });
  const rows = await until(() => deliveries(), (all) => all.length === 5 && all.some(({ state }) => state === 'dead'));
  expect(rows.map(({ state, reason }) => [state, reason]).sort()).toEqual([['dead', 'destination-gone'], ['pending', null], ['pending', null], ['pending', null], ['pending', null]]);
  expect(receiver.requests).toHaveLength(1);
  const log = (await owner.get('/audit-log')).body.items as Record<string, unknown>[];
  expect(log.filter(({ resourceId, outcome }) => resourceId === crm && outcome !== 'started')).toEqual([expect.objectContaining({ actorKind: 'system', method: 'SYSTEM', route: 'connection.disabled', outcome: 'gone' })]);
  const told = await until(() => notices.requests.map(({ text }) => JSON.parse(text) as object), ({ length }) => length > 0);
  expect(told).toMatchObject([{ kind: 'connection-disabled', to: host.firstRun?.ownerEmail, lines: [`${crm}: it has answered that it is gone (410)`] }]);
  expect(await owner.post(`/connections/${crm}/enable`, {})).toMatchObject({ status: 200, body: { status: 'enabled', disabled: null } });
  await until(() => deliveries(), (all) => all.filter(({ state }) => state === 'delivered').length === 4);
  expect(taken).toHaveLength(4);
});

it('a rate limit holds over everything that is sent, and nothing is lost by it', async () => {
  await connect({ rateLimit: { perSecond: 20, burst: 5 } });
  const begin = performance.now();
  await track(35);
  await until(() => deliveries(), (all) => all.length === 35 && all.every(({ state }) => state === 'delivered'));
  expect(performance.now() - begin).toBeGreaterThan(((35 - 5) / 20) * 1_000 - 50);
  expect(taken).toHaveLength(35);
  expect((await deliveries()).every(({ attempt }) => attempt === 0)).toBe(true);
});
