import { jest } from '@jest/globals';
import { EXPECTATION_KINDS, type ExpectationKind, type JsonObject } from '@firsthand/domain';
import { adminClient, logIn, type AdminClient } from '../support/admin-client.js';
import { startAlertReceiver, type AlertReceiver } from '../support/alert-receiver.js';
import { startHost, type TestHost } from '../support/start-host.js';
import { until } from '../support/until.js';

/** Every kind of expectation on a host whose clock is the test's own: four registers that, in a bad hour, are wrong each in its own respects. */
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** The first hour that counts for volume, and the same hour a week later. */
const BEFORE = (Math.ceil(Date.now() / HOUR_MS) + 1) * HOUR_MS;
const START = BEFORE + 7 * 24 * HOUR_MS;
const COOL_DOWN_MINUTES = 180;
/** All expectations at all registers are judged one after another: some seconds, and more on a machine that is busy. */
const JUDGED_MS = 120_000;
jest.setTimeout(5 * JUDGED_MS);
const clock = { now: BEFORE - 10 * MINUTE_MS };
const keys = new Map<string, string>();
let host: TestHost;
let owner: AdminClient;
let receiver: AlertReceiver<{ expectationId: string; connectionId: string }>;
let receipts = 0;
let sent = 0;

/** Of all orders one in ten may fail. */
const mostFailing = 0.1;
type Register = 'silent' | 'careless' | 'lost' | 'thin';
interface Case {
  /** Where it fails in a bad hour. */
  at: Register;
  rule: { kind: ExpectationKind; field?: string | null; left?: string } & Record<string, unknown>;
  /** What is other about an order then; `index` is its place in the hour. */
  bad?: (index: number) => JsonObject;
  /** Of the first alarm. */
  alarm: { checked?: number; failed?: number; observed: number; expected: number };
  /** The lowest score of that hour. */
  score: number;
}
const half = (change: JsonObject) => (index: number) => (index % 2 === 0 ? change : {});
const eightOf15 = { alarm: { checked: 15, failed: 8, observed: 8 / 15, expected: 0.1 }, score: 7 / 15 };
const CASES: Record<ExpectationKind | 'usable', Case> = {
  completeness: { at: 'careless', rule: { kind: 'completeness', field: 'properties.label', mostFailing }, bad: half({ label: '' }), ...eightOf15 },
  uniqueness: { at: 'careless', rule: { kind: 'uniqueness', field: 'order.orderId', withinHours: 24, mostFailing }, bad: (index) => ({ id: `again-${Math.floor(index / 5)}` }), alarm: { checked: 15, failed: 12, observed: 0.8, expected: 0.1 }, score: 0.2 },
  validity: { at: 'careless', rule: { kind: 'validity', field: 'properties.appVersion', pattern: '[0-9]+\\.[0-9]+', mostFailing }, bad: half({ version: 'four' }), ...eightOf15 },
  // 0 and 6 are out of it, 1 and 5 are not.
  range: { at: 'careless', rule: { kind: 'range', field: 'properties.step', minimum: 1, maximum: 5, mostFailing }, bad: (index) => ({ step: [0, 1, 6, 5][index % 4] as number }), ...eightOf15 },
  crossField: { at: 'careless', rule: { kind: 'crossField', left: 'order.placedAt', operator: 'lte', right: 'order.paidAt', mostFailing }, bad: half({ paid: '2026-11-24T07:59:00.000Z' }), ...eightOf15 },
  allowedValues: { at: 'lost', rule: { kind: 'allowedValues', field: 'properties.status', values: ['paid', 'open'], mostFailing }, bad: half({ status: 'PAID' }), alarm: { checked: 12, failed: 8, observed: 8 / 12, expected: 0.1 }, score: 4 / 12 },
  reference: { at: 'lost', rule: { kind: 'reference', field: 'order.storeId', to: { event: 'Product Viewed', field: 'properties.storeId' }, mostFailing }, bad: half({ store: 'nowhere' }), alarm: { checked: 12, failed: 8, observed: 8 / 12, expected: 0.1 }, score: 4 / 12 },
  // Some are nobody's: they end in quarantine, and are not among the orders above.
  usable: { at: 'lost', rule: { kind: 'validity', field: null, mostFailing }, bad: (index): JsonObject => (index < 6 && index % 2 === 1 ? { user: '' } : {} satisfies JsonObject), alarm: { checked: 16, failed: 3, observed: 3 / 16, expected: 0.1 }, score: 13 / 16 },
  nullRate: { at: 'thin', rule: { kind: 'nullRate', field: 'properties.coupon', baselineDays: 1, mostChange: 0.5 }, bad: () => ({ coupon: '' }), alarm: { checked: 5, failed: 5, observed: 1, expected: 0 }, score: 0 },
  typeDrift: { at: 'thin', rule: { kind: 'typeDrift', field: 'properties.rating', baselineDays: 1, mostChange: 0.5 }, bad: () => ({ rating: '5' }), alarm: { checked: 5, failed: 5, observed: 1, expected: 0.5 }, score: 0 },
  volume: { at: 'thin', rule: { kind: 'volume', weeks: 1, mostChange: 0.5 }, alarm: { checked: 6, observed: 6, expected: 16 }, score: 6 / 16 },
  freshness: { at: 'silent', rule: { kind: 'freshness', withinMinutes: 45 }, alarm: { observed: 52, expected: 45 }, score: 0 },
};
type Name = keyof typeof CASES;
const NAMES = Object.keys(CASES) as Name[];
const REGISTERS = ['silent', 'careless', 'lost', 'thin'] as const satisfies Register[];
const ofRegister = (register: Register): Case[] => NAMES.map((name) => CASES[name]).filter(({ at }) => at === register);
const MAPPING = {
  type: '{{type}}', name: '{{event}}', messageId: '{{messageId}}', 'identities.userId': '{{properties.user}}', 'order.orderId': '{{properties.id}}', 'order.storeId': '{{properties.store}}', 'order.placedAt': '{{properties.placed}}', 'order.paidAt': '{{properties.paid}}',
  'properties.label': '{{properties.label}}', 'properties.appVersion': '{{properties.version}}', 'properties.step': '{{properties.step}}', 'properties.status': '{{properties.status}}', 'properties.coupon': '{{properties.coupon}}', 'properties.rating': '{{properties.rating}}', 'properties.storeId': '{{properties.of}}',
};

beforeAll(async () => {
  receiver = await startAlertReceiver();
  host = await startHost({ clock: () => clock.now });
  await host.seed.destination({ pluginId: 'webhook', id: 'ops', ...receiver.destination });
  for (const id of REGISTERS) {
    keys.set(id, (await host.seed.source({ pluginId: 'web', capability: 'events', id })).secretKey);
    await host.seed.mapping(id, MAPPING);
  }
  // Weeks pass: a session would end, a key does not.
  const session = await logIn(host.url, host.firstRun?.ownerEmail ?? '', host.firstRun?.ownerPassword ?? '');
  owner = adminClient(host.url, String((await session.post('/api-keys', { name: 'weeks', roles: ['owner'] })).body.apiKey));
});
afterAll(async () => {
  await host.stop();
  await receiver.close();
});

const get = (path: string) => until(() => owner.get(path), ({ status }) => status !== 503);
async function expectThat(name: Name): Promise<void> {
  const scope = ['freshness', 'usable', 'volume'].includes(name) ? {} : { event: 'Order Completed' };
  const { status } = await until(() => owner.post('/expectations', { id: name.toLowerCase(), name: `About ${name}`, scope, rule: CASES[name].rule, minimumEvents: 5, alert: { connectionId: 'ops', coolDownMinutes: COOL_DOWN_MINUTES } }), (answer) => answer.status !== 503);
  expect(status).toBe(201);
}

function order(register: Register, index: number, isBad: boolean): JsonObject {
  const good = { user: 'u1', id: `o-${(sent += 1)}`, store: 'hz-01', label: 'Buy', version: '4.2', step: 2, status: 'paid', coupon: 'WELCOME', rating: 5, placed: '2026-11-24T08:00:00.000Z', paid: '2026-11-24T08:01:00.000Z' };
  const changes = isBad ? ofRegister(register).map(({ bad }) => bad?.(index) ?? {}) : [];
  return { type: 'track', event: 'Order Completed', messageId: `m-${sent}`, properties: Object.assign({}, good, ...changes) as JsonObject };
}
const orders = (register: Register, count: number, isBad = false): JsonObject[] => Array.from({ length: count }, (_, index) => order(register, index, isBad));
/** That a register is there, and of which store it is. */
const sign = (): JsonObject => ({ type: 'track', event: 'Product Viewed', messageId: `m-${(sent += 1)}`, properties: { user: 'u1', of: 'hz-01' } });

/** What all registers send at once; waits until it is counted. */
async function send(at: number, of: (register: Register) => JsonObject[]): Promise<void> {
  clock.now = at;
  await Promise.all(REGISTERS.map(async (register) => {
    const batch = of(register);
    if (batch.length === 0) return;
    const answer = await until(() => fetch(`${host.url}/v1/batch`, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Basic ${btoa(`${keys.get(register)}:`)}` }, body: JSON.stringify({ batch }) }), ({ status }) => status !== 503);
    expect(answer.status).toBe(200);
    receipts += batch.length;
  }));
  const { events, quarantine, qualityCounts } = host.connected.collections;
  expect(await until(async () => await events.countDocuments({}) + await quarantine.countDocuments({}), (count) => count === receipts, JUDGED_MS)).toBe(receipts);
  expect(await until(() => qualityCounts.countDocuments({}), (open) => open === 0, JUDGED_MS)).toBe(0);
}

/** A sign of life at ten past and 15 orders at ten to; a bad hour is bad at each register in its own respects, and the silent one has sent all at ten past. Nothing is judged before the hour is over. */
async function hour(at: number, isBad: boolean): Promise<void> {
  const isSilent = (register: Register): boolean => isBad && register === 'silent';
  await send(START + at * HOUR_MS + 10 * MINUTE_MS, (register) => [sign(), ...(isSilent(register) ? orders(register, 15) : [])]);
  await send(START + at * HOUR_MS + 50 * MINUTE_MS, (register) => (isSilent(register) ? [] : orders(register, isBad && register === 'thin' ? 5 : 15, isBad)));
}

interface Report {
  expectations: { expectationId: string; connectionId: string; status: string }[];
  sources: { connectionId: string; failing: number; points: { at: string; score: number }[] }[];
  fields: { connectionId: string; field: string; failing: number; points: { at: string; score: number }[] }[];
  alerts: { type: string; expectationId: string; connectionId: string; state: string }[];
}
const report = async (query = ''): Promise<Report> => (await get(`/quality/report${query}`)).body as unknown as Report;
/** Which expectation fails at which register. */
const failing = async (): Promise<string[]> => (await report()).expectations.filter(({ status }) => status === 'failing').map(({ expectationId, connectionId }) => `${expectationId} at ${connectionId}`).sort();
const OWN = NAMES.map((name) => `${name.toLowerCase()} at ${CASES[name].at}`).sort();
/** Two minutes past the hour: what was sent in it is judged. */
async function judgedAt(at: number, expected: readonly string[]): Promise<void> {
  clock.now = START + at * HOUR_MS + 2 * MINUTE_MS;
  expect(await until(failing, (all) => all.join() === expected.join(), JUDGED_MS)).toEqual(expected);
}
const tidings = () => receiver.told.map(({ type, data }) => `${type.slice('quality.'.length)} ${data.expectationId} at ${data.connectionId}`).sort();
/** What met trouble is tried again in its turn, for which time has to pass. */
const untilTold = (count: number) => until(() => { clock.now += 50; return tidings(); }, (all) => all.length >= count, JUDGED_MS);
const all = (what: string): string[] => OWN.map((own) => `${what} ${own}`);

it('holds at every register while all is good', async () => {
  expect(NAMES.map((name) => CASES[name].rule.kind).sort()).toEqual([...EXPECTATION_KINDS, 'validity'].sort());
  await expectThat('volume');
  for (let at = 0; at < 6; at += 1) await send(BEFORE + at * HOUR_MS + 50 * MINUTE_MS, (register) => orders(register, 16));
  clock.now = START + 5 * MINUTE_MS;
  for (const name of NAMES) if (name !== 'volume') await expectThat(name);
  await send(START + 10 * MINUTE_MS, () => [sign()]);
  await send(START + 50 * MINUTE_MS, (register) => orders(register, 15));
  clock.now = START + HOUR_MS + 2 * MINUTE_MS;
  const isPassing = ({ expectations }: Report, ...names: Name[]): boolean => names.every((name) => expectations.filter(({ expectationId, status }) => expectationId === name.toLowerCase() && status === 'passing').length === REGISTERS.length);
  expect(isPassing(await until(report, (one) => isPassing(one, 'completeness', 'freshness'), JUDGED_MS), 'completeness', 'freshness')).toBe(true);
  await hour(1, false);
  clock.now = START + 2 * HOUR_MS + 2 * MINUTE_MS;
  const { expectations } = await until(report, (one) => isPassing(one, ...NAMES), JUDGED_MS);
  expect([expectations.length, expectations.filter(({ status }) => status !== 'passing'), receiver.told]).toEqual([NAMES.length * REGISTERS.length, [], []]);
});

it('fails at the register that is wrong in that respect, and at no other, and says so once to who is to know', async () => {
  await hour(2, true);
  await judgedAt(3, OWN);
  expect(await untilTold(NAMES.length)).toEqual(all('failing'));
  for (const name of NAMES) {
    const { rule, at, alarm: { observed, ...figures } } = CASES[name];
    expect([name, receiver.told.find(({ data }) => data.expectationId === name.toLowerCase())?.data]).toEqual([name, expect.objectContaining({ kind: rule.kind, connectionId: at, observed: expect.closeTo(observed, 6) as number, ...figures })]);
  }
});

it('shows each in the report, over time, as JSON and as a page', async () => {
  const { sources, fields, alerts } = await report(`?every=hour&from=${new Date(START).toISOString()}`);
  const scores = (curve: Report['sources'][number] | Report['fields'][number] | undefined) => [1, 3].map((at) => curve?.points.find((point) => point.at === new Date(START + at * HOUR_MS).toISOString())?.score);
  for (const register of REGISTERS) {
    const own = ofRegister(register);
    const curve = sources.find(({ connectionId }) => connectionId === register);
    // The other expectations hold at this register.
    const mean = (NAMES.length - own.length + own.reduce((sum, { score }) => sum + score, 0)) / NAMES.length;
    expect([register, curve?.failing, ...scores(curve)]).toEqual([register, own.length, 1, expect.closeTo(mean, 6)]);
  }
  for (const { at, rule: { field, left }, score } of Object.values(CASES)) {
    const path = field ?? left;
    if (path === undefined || path === null) continue;
    const curve = fields.find((one) => one.connectionId === at && one.field === path);
    expect([path, curve?.failing, scores(curve)[1]]).toEqual([path, 1, expect.closeTo(score, 6)]);
  }
  expect(alerts.map(({ type, expectationId, connectionId, state }) => `${type} ${expectationId} at ${connectionId} ${state}`).sort()).toEqual(OWN.map((own) => `quality.failing ${own} told`));
  const { ownerEmail = '', ownerPassword = '' } = host.firstRun ?? {};
  const page = await until(() => fetch(`${host.url}/quality/${host.workspaceId}`, { headers: { authorization: `Basic ${btoa(`${ownerEmail}:${ownerPassword}`)}` } }), ({ status }) => status !== 503);
  const html = await page.text();
  expect([...NAMES.map((name) => `About ${name}`), ...REGISTERS].filter((word) => !html.includes(word))).toEqual([]);
});

it('says once that it is good again, and within the cool-down of the alarm nothing of a second fault', async () => {
  await hour(3, false);
  await judgedAt(4, []);
  expect(await untilTold(2 * NAMES.length)).toEqual([...all('failing'), ...all('recovered')]);
  await hour(4, true);
  await judgedAt(5, OWN);
  expect(await host.connected.collections.qualityAlerts.countDocuments({})).toBe(2 * NAMES.length);
});

it('says it again when it fails and the cool-down is over', async () => {
  await hour(5, true);
  await judgedAt(6, OWN);
  expect(await untilTold(3 * NAMES.length)).toEqual([...all('failing'), ...all('failing'), ...all('recovered')].sort());
});
