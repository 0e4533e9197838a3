import { DEFAULT_PLAN_ACTIONS, type PlannedEvent, type TrackingPlan } from '@firsthand/domain';
import { versionId } from '../../apps/host/src/admin/version-id.js';
import { logIn, type AdminClient } from '../support/admin-client.js';
import { startHost, type TestHost } from '../support/start-host.js';
import { until } from '../support/until.js';

/** Plans that break where no check at save could see it: by hand in the store, by an older version of the host. A host that starts on them lets nothing through. */
type Stored = { draft: TrackingPlan; live: { plan: TrackingPlan } };
const EVENT: PlannedEvent = { name: 'Product Viewed', fields: [{ path: 'properties.brand', type: 'string', required: true }] };
const GOOD: TrackingPlan = { actions: DEFAULT_PLAN_ACTIONS, events: [EVENT, { name: 'Product Added', fields: [] }] };
const bySchema = (schema: PlannedEvent['schema']): Partial<TrackingPlan> => ({ events: [{ name: 'Product Viewed', schema }, { name: 'Product Added', fields: [] }] });
const inProperties = (schema: NonNullable<PlannedEvent['schema']>) => bySchema({ properties: { properties: { properties: { brand: schema } } } });
/** What is wrong, and whether it is so of one event or of the plan as a whole. */
const BREAKS: [id: string, plan: Partial<TrackingPlan> | null, isOneEvent: boolean][] = [
  ['gone', null, false],
  ['unreadable', { actions: { ...DEFAULT_PLAN_ACTIONS, wrongType: 'pass' as 'allow' } }, false],
  ['no-expression', { events: [{ name: 'Product Viewed', fields: [{ path: 'properties.brand', type: 'string', pattern: '(' }] }, { name: 'Product Added', fields: [] }] }, true],
  ['foreign-reference', inProperties({ $ref: 'https://example.com/brand.json' }), true],
  ['lost-reference', inProperties({ $ref: '#/$defs/gone' }), true],
  ['unknown-rule', inProperties({ type: 'string', looksLike: 'Acme' }), true],
  ['unknown-format', inProperties({ type: 'string', format: 'brand' }), true],
  ['judged-later', bySchema({ $async: true, properties: {} }), true],
  ['endless', bySchema({ properties: { properties: { $ref: '#/properties/properties' } } }), true],
];
const keys: Record<string, string> = {};
let host: TestHost;
let owner: AdminClient;

function patient(client: AdminClient): AdminClient {
  const call: AdminClient['call'] = (...given) => until(() => client.call(...given), ({ status }) => status !== 503);
  return { call, get: (path) => call('GET', path), post: (path, body = {}) => call('POST', path, { body }), put: (path, ifMatch, body) => call('PUT', path, { ifMatch, body }) };
}

const send = async (id: string, messageIds: readonly string[], event: string): Promise<void> => {
  const batch = messageIds.map((messageId) => ({ type: 'track', userId: 'u1', event, messageId, properties: { brand: 'Acme' } }));
  // On a machine that is busy a host may be late to read its configuration, and says so: nothing was done then.
  const { status } = await until(() => fetch(`${host.url}/v1/batch`, { method: 'POST', headers: { authorization: `Basic ${btoa(`${keys[id]}:`)}`, 'content-type': 'application/json' }, body: JSON.stringify({ batch }) }), (answer) => answer.status !== 503);
  expect(status).toBe(200);
};
const quarantined = (connectionId: string) => host.connected.collections.quarantine.find({ connectionId }).toArray();
const stored = async (connectionId: string) => (await host.connected.collections.events.find({ connectionId }).toArray()).map(({ record }) => record.messageId).sort();
const released = async (connectionId: string): Promise<unknown> => {
  const { body: job } = await owner.post('/quarantine/releases', { filter: { connectionId } });
  return (await until(() => owner.get(`/quarantine/jobs/${String(job.id)}`), ({ body }) => body.state !== 'running')).body.counts;
};

beforeAll(async () => {
  const first = await startHost({ keepDatabase: true });
  const { ownerEmail = '', ownerPassword = '' } = first.firstRun ?? {};
  for (const [id, plan] of BREAKS) {
    await first.seed.trackingPlan(id, GOOD);
    ({ secretKey: keys[id] } = await first.seed.source({ pluginId: 'web', capability: 'events', id, trackingPlan: id }) as { secretKey: string });
    if (plan === null) {
      await first.repository.delete('trackingPlans', first.workspaceId, id, 1);
      await first.repository.delete('trackingPlanVersions', first.workspaceId, versionId(id, 1), 1);
    } else await first.seed.change<Stored>('trackingPlans', id, (content) => ({ ...content, live: { ...content.live, plan: { ...GOOD, ...plan } } }));
  }
  await first.stop();
  host = await startHost({ databaseName: first.databaseName });
  owner = patient(await logIn(host.url, ownerEmail, ownerPassword));
});
afterAll(() => host.stop());

it.each(BREAKS)('%s: puts aside every event that it cannot judge, says so, and lets none out before it is mended', async (id, plan, isOneEvent) => {
  // Asked twice: what broke once is not taken for judged.
  await send(id, ['m1', 'm2'], 'Product Viewed');
  await send(id, ['m3'], 'Product Viewed');
  const rows = await until(() => quarantined(id), (found) => found.length === 3);
  expect(rows).toHaveLength(3);
  for (const row of rows) expect(row).toMatchObject({ code: 'TRACKING_PLAN_FAILED', rule: `${id}:failed`, places: [{ path: '', message: 'the tracking plan could not judge this record' }], raw: expect.stringContaining('Acme') as string });
  await send(id, ['m4'], 'Product Added');
  // Of a plan that breaks at one event the others are judged.
  const left = isOneEvent ? ['m4'] : [];
  expect(await until(async () => [...await stored(id), ...(await quarantined(id)).slice(3)], (all) => all.length === 1)).toHaveLength(1);
  expect(await stored(id)).toEqual(left);
  expect((await owner.get(`/tracking-plans/violations?connectionId=${id}`)).body.items).toMatchObject([{ connectionId: id, received: 4, violations: { failed: { failed: 4 - left.length } } }]);
  expect((await owner.get(`/connections/${id}`)).body.problem).toEqual(isOneEvent ? null : { code: 'TRACKING_PLAN_FAILED', message: expect.stringContaining(id) as string });

  expect(await released(id)).toEqual({ 'quarantined.TRACKING_PLAN_FAILED': 4 - left.length });
  expect([(await quarantined(id)).length, await stored(id)]).toEqual([4 - left.length, left]);

  if (isOneEvent) {
    // The draft is good: what it would change shows, also where the live version judges nothing.
    expect((await owner.post(`/tracking-plans/${id}/dry-run`, {})).body).toMatchObject({ judged: 1, then: { passed: 1 }, quarantine: { judged: 3, wouldPass: 3 } });
    expect((await owner.post(`/tracking-plans/${id}/publish`)).body).toMatchObject({ live: { version: 2 } });
  } else if (plan === null) await host.seed.trackingPlan(id, GOOD);
  else await host.seed.change<Stored>('trackingPlans', id, (content) => ({ ...content, live: { ...content.live, plan: GOOD } }));
  await host.configuration.refresh();
  expect(await released(id)).toEqual({ applied: 4 - left.length });
  expect([await quarantined(id), await stored(id)]).toEqual([[], ['m1', 'm2', 'm3', 'm4']]);
  // The books are read as of one moment that a majority has: what was just seen elsewhere may lie behind it.
  const books = await until(async () => (await owner.get(`/balance?connectionId=${id}`)).body as { sources: { parts: Record<string, number> }[] }, ({ sources }) => sources[0]?.parts.applied === 4);
  expect(books).toMatchObject({ difference: 0, sources: [{ received: 4, parts: { applied: 4 } }] });
});
