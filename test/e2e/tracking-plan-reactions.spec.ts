import { PLAN_ACTIONS, VIOLATION_KINDS, type JsonObject, type PlanAction, type PlanActions, type TrackingPlan, type ViolationKind } from '@firsthand/domain';
import { logIn, type AdminClient } from '../support/admin-client.js';
import { startHost, type TestHost } from '../support/start-host.js';
import { until } from '../support/until.js';

/** Each kind of violation under each reaction, on a whole host: one source and one plan per reaction, one event per kind. */
let host: TestHost;
let owner: AdminClient;

const DAY_MS = 86_400_000;
const all = (action: PlanAction): PlanActions => Object.fromEntries(VIOLATION_KINDS.map((kind) => [kind, action])) as PlanActions;
const brand = { path: 'properties.brand', type: 'string' } as const;
const EVENTS: TrackingPlan['events'] = [
  { name: 'Product Viewed', fields: [brand] },
  { name: 'Product Added', fields: [{ ...brand, required: true, default: 'Own' }] },
  { name: 'Product Removed', fields: [{ path: 'properties.position', type: 'integer' }] },
  { name: 'Product Clicked', fields: [{ ...brand, values: ['Acme'] }] },
  { name: 'Product Shared', fields: [brand] },
  { name: 'Product Reviewed', fields: [brand] },
];
/** What is sent of each kind, where it is wrong, and what `coerce` and `strip` leave of it. */
const BROKEN: Record<ViolationKind, { event: string; properties: JsonObject; path: string; coerced: { flag: string; name: string; properties: JsonObject }; stripped: { flag: string; properties: JsonObject } | null; asItCame: JsonObject }> = {
  unplannedEvent: { event: 'PRoduct Viewed', properties: { brand: 'Acme' }, path: 'name', coerced: { flag: 'plan-renamed:name', name: 'Product Viewed', properties: { brand: 'Acme' } }, stripped: { flag: 'plan-stripped:event', properties: {} }, asItCame: { brand: 'Acme' } },
  // Of what is missing there is nothing to take away.
  missingRequired: { event: 'Product Added', properties: {}, path: 'properties.brand', coerced: { flag: 'plan-coerced:properties.brand:default', name: 'Product Added', properties: { brand: 'Own' } }, stripped: null, asItCame: {} },
  wrongType: { event: 'Product Removed', properties: { position: '3' }, path: 'properties.position', coerced: { flag: 'plan-coerced:properties.position:string-number', name: 'Product Removed', properties: { position: 3 } }, stripped: { flag: 'plan-stripped:properties.position', properties: {} }, asItCame: { position: 3 } },
  valueNotAllowed: { event: 'Product Clicked', properties: { brand: 'ACME' }, path: 'properties.brand', coerced: { flag: 'plan-coerced:properties.brand:spelling', name: 'Product Clicked', properties: { brand: 'Acme' } }, stripped: { flag: 'plan-stripped:properties.brand', properties: {} }, asItCame: { brand: 'ACME' } },
  // What is in no dictionary is not kept, whatever a plan lets through.
  unplannedProperty: { event: 'Product Shared', properties: { bRand: 'Acme' }, path: 'properties.bRand', coerced: { flag: 'plan-renamed:properties.brand', name: 'Product Shared', properties: { brand: 'Acme' } }, stripped: { flag: 'plan-stripped:properties.bRand', properties: {} }, asItCame: {} },
  badName: { event: 'product_reviewed', properties: { brand: 'Acme' }, path: 'name', coerced: { flag: 'plan-renamed:name', name: 'Product Reviewed', properties: { brand: 'Acme' } }, stripped: { flag: 'plan-stripped:event', properties: {} }, asItCame: { brand: 'Acme' } },
};
/** A name that breaks the convention is no event of the plan either: what becomes of that is told apart by a plan, and a source, of its own. */
const PLANS: Record<string, { kinds: readonly ViolationKind[]; actions(action: PlanAction): PlanActions }> = {
  fields: { kinds: VIOLATION_KINDS.filter((kind) => kind !== 'badName'), actions: (action) => ({ ...all(action), badName: 'allow', ...(action === 'strip' ? { missingRequired: 'allow' } : {}) }) },
  names: { kinds: ['badName'], actions: (action) => ({ ...all('allow'), badName: action }) },
};
const PART: Partial<Record<PlanAction, string>> = { quarantine: 'quarantined', refuse: 'refused.tracking-plan' };

function patient(client: AdminClient): AdminClient {
  const call: AdminClient['call'] = (...given) => until(() => client.call(...given), ({ status }) => status !== 503);
  return { call, get: (path) => call('GET', path), post: (path, body = {}) => call('POST', path, { body }), put: (path, ifMatch, body) => call('PUT', path, { ifMatch, body }) };
}

async function send(key: string, batch: readonly object[]): Promise<void> {
  // On a machine that is busy a host may be late to read its configuration, and says so: nothing was done then.
  const { status } = await until(() => fetch(`${host.url}/v1/batch`, {
    method: 'POST', headers: { authorization: `Basic ${btoa(`${key}:`)}`, 'content-type': 'application/json' }, body: JSON.stringify({ batch: batch.map((one) => ({ type: 'track', userId: 'u1', ...one })) }),
  }), (answer) => answer.status !== 503);
  expect(status).toBe(200);
}
const stored = (connectionId: string) => host.connected.collections.events.find({ connectionId }).toArray();
const quarantined = (connectionId: string) => host.connected.collections.quarantine.find({ connectionId }).toArray();
async function publish(id: string, plan: TrackingPlan): Promise<void> {
  expect(await owner.post('/tracking-plans', { id, name: id, plan })).toMatchObject({ status: 201 });
  expect((await owner.post(`/tracking-plans/${id}/publish`)).body).toMatchObject({ live: { version: 1 } });
}

beforeAll(async () => {
  host = await startHost();
  owner = patient(await logIn(host.url, host.firstRun?.ownerEmail ?? '', host.firstRun?.ownerPassword ?? ''));
});
afterAll(() => host.stop());

describe.each(PLAN_ACTIONS)('a plan that says %s', (action) => {
  const idOf = (plan: string): string => `${plan}-${action}`;
  const kept = action === 'refuse' ? 0 : 1;

  beforeAll(async () => {
    for (const [plan, { kinds, actions }] of Object.entries(PLANS)) {
      const id = idOf(plan);
      await publish(id, { actions: actions(action), events: EVENTS });
      const { secretKey } = await host.seed.source({ pluginId: 'web', capability: 'events', id, trackingPlan: id });
      await send(secretKey, kinds.map((kind) => ({ event: BROKEN[kind].event, messageId: kind, properties: BROKEN[kind].properties })));
      expect(await until(async () => (await stored(id)).length + (await quarantined(id)).length, (count) => count >= kept * kinds.length)).toBe(kept * kinds.length);
    }
  });

  it.each(Object.entries(PLANS).flatMap(([plan, { kinds }]) => kinds.map((kind) => [kind, plan] as const)))('does so with %s', async (kind, plan) => {
    const id = idOf(plan);
    const { event, properties, path, coerced, stripped, asItCame } = BROKEN[kind];
    const events = (await stored(id)).filter(({ record }) => record.messageId === kind);
    const rows = (await quarantined(id)).filter(({ raw }) => raw.includes(`"messageId":"${kind}"`));
    const keptAs = events.map(({ record }) => ({ name: record.name, properties: record.properties, flags: record.flags.filter((flag) => flag.startsWith('plan')) }));
    const asSent = { name: event, properties: asItCame, flags: [] };
    const expected = {
      allow: asSent, flag: { ...asSent, flags: [`plan:${kind}:${path}`] }, coerce: { name: coerced.name, properties: coerced.properties, flags: [coerced.flag] },
      strip: stripped === null ? asSent : { name: event, properties: stripped.properties, flags: [stripped.flag] }, quarantine: null, refuse: null,
    }[action];
    expect(keptAs).toEqual(expected === null ? [] : [expected]);
    expect(rows).toEqual(action !== 'quarantine' ? [] : [expect.objectContaining({
      code: 'TRACKING_PLAN_VIOLATED', rule: `${id}:${kind}`, planVersion: 1, mappingVersion: 0, raw: expect.stringContaining(JSON.stringify(properties)) as string,
      places: [{ path: `/${path.replaceAll('.', '/')}`, message: expect.stringMatching(`^${kind}: `) as string }],
    })]);
  });

  it.each(Object.entries(PLANS))('counts each by kind and action, and the books close: %s', async (plan, { kinds, actions }) => {
    const id = idOf(plan);
    const counted = Object.fromEntries(kinds.map((kind) => [kind, { [actions(action)[kind]]: 1 }]));
    // It is no event of the plan until it has its right name.
    if (plan === 'names') counted.unplannedEvent = { allow: 1 };
    const part = PART[action] ?? 'applied';
    const { body: books } = await until(() => owner.get(`/balance?connectionId=${id}`), ({ body }) => (body.sources as { parts: Record<string, number> }[] | undefined)?.[0]?.parts[part] === kinds.length);
    expect(books).toMatchObject({ difference: 0, sources: [{ received: kinds.length, parts: { [part]: kinds.length } }] });
    expect((await owner.get(`/tracking-plans/violations?connectionId=${id}`)).body.items).toEqual([{ connectionId: id, received: kinds.length, violations: counted }]);
  });
});

it('does not save a plan that would take away what is missing', async () => {
  expect((await owner.post('/tracking-plans', { id: 'never', name: 'Never', plan: { actions: all('strip'), events: EVENTS } })).body).toMatchObject({ code: 'INVALID_TRACKING_PLAN', errors: [{ path: '/actions/missingRequired' }] });
});

it('puts aside what could not be repaired, with the reason', async () => {
  await publish('beyond', { actions: all('coerce'), events: EVENTS });
  const { secretKey } = await host.seed.source({ pluginId: 'web', capability: 'events', id: 'beyond', trackingPlan: 'beyond' });
  await send(secretKey, [{ event: 'Coupon Entered', messageId: 'm1', properties: {} }, { event: 'Product Removed', messageId: 'm2', properties: { position: 'first' } }]);
  const rows = await until(() => quarantined('beyond'), (found) => found.length === 2);
  expect(rows.map(({ places }) => places[0]?.message).sort()).toEqual(['unplannedEvent: is no event of the plan; coerce could not repair it', 'wrongType: is no integer; coerce could not repair it']);
  expect(await stored('beyond')).toEqual([]);
});

it('lets an event come from the sources that it is planned for alone', async () => {
  await publish('narrow', { actions: { ...all('allow'), unplannedEvent: 'quarantine' }, events: [{ name: 'Product Viewed', fields: [brand], sources: ['site'] }, { name: 'Product Added', fields: [brand] }] });
  for (const id of ['site', 'app']) {
    const { secretKey } = await host.seed.source({ pluginId: 'web', capability: 'events', id, trackingPlan: 'narrow' });
    await send(secretKey, ['Product Viewed', 'Product Added'].map((event) => ({ event, messageId: `${id} ${event}`, properties: { brand: 'Acme' } })));
  }
  expect((await until(() => stored('site'), (found) => found.length === 2)).map(({ record }) => record.name).sort()).toEqual(['Product Added', 'Product Viewed']);
  expect(await until(() => quarantined('app'), (found) => found.length === 1)).toMatchObject([{ rule: 'narrow:unplannedEvent', places: [{ path: '/name', message: 'unplannedEvent: is not planned for this source' }] }]);
  expect((await until(() => stored('app'), (found) => found.length === 1)).map(({ record }) => record.name)).toEqual(['Product Added']);
  expect(await quarantined('site')).toEqual([]);
});

it('is generated from the last days that are asked for, and a draft is tried on as many', async () => {
  const { secretKey } = await host.seed.source({ pluginId: 'web', capability: 'events', id: 'shop' });
  const ago = (days: number): string => new Date(Date.now() - days * DAY_MS).toISOString();
  const batch = (days: number, properties: object) => Array.from({ length: 5 }, (_, index) => ({ event: 'Product Viewed', messageId: `d${days}-${index}`, timestamp: ago(days), properties }));
  await send(secretKey, [...batch(20, { brand: 'Acme', position: 1 }), ...batch(1, { brand: 'Acme' }), ...batch(40, { coupon: 'OLD' })]);
  expect(await until(async () => (await stored('shop')).length, (count) => count === 15)).toBe(15);
  const fields = async (days: number) => {
    const { body } = await owner.post('/tracking-plans/generate', { id: `seen-${days}`, name: `Seen ${days}`, connections: ['shop'], days });
    const { draft, live } = body.plan as { draft: TrackingPlan; live: unknown };
    return { observed: body.observed, live, fields: draft.events.flatMap((event) => event.fields ?? []).map(({ path, required = false }) => `${path}${required ? '!' : ''}`) };
  };
  expect(await fields(7)).toEqual({ observed: 5, live: null, fields: ['properties.brand!'] });
  expect(await fields(30)).toEqual({ observed: 10, live: null, fields: ['properties.brand!', 'properties.position'] });
  expect(await fields(60)).toEqual({ observed: 15, live: null, fields: ['properties.brand', 'properties.coupon', 'properties.position'] });

  const before = [await stored('shop'), await quarantined('shop')];
  const strict = { actions: { ...all('allow'), unplannedProperty: 'quarantine', missingRequired: 'refuse' }, events: [{ name: 'Product Viewed', fields: [{ ...brand, required: true }] }] };
  expect((await owner.put('/tracking-plans/seen-7', 1, { plan: strict })).status).toBe(200);
  const tried = async (days: number) => (await owner.post('/tracking-plans/seen-7/dry-run', { days, connections: ['shop'] })).body;
  expect(await tried(7)).toMatchObject({ judged: 5, now: null, then: { passed: 5, quarantined: 0, refused: 0 } });
  expect(await tried(30)).toMatchObject({ judged: 10, then: { passed: 5, quarantined: 5, refused: 0 }, events: [{ name: 'Product Viewed', violations: [{ kind: 'unplannedProperty', path: 'properties.position', action: 'quarantine', count: 5 }] }] });
  expect(await tried(60)).toMatchObject({ judged: 15, then: { passed: 5, quarantined: 5, refused: 5 } });
  // It was only looked at.
  expect([await stored('shop'), await quarantined('shop')]).toEqual(before);
});
