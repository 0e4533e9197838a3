import type { Condition } from '@firsthand/domain';
import type { DeliveryRow } from '@firsthand/pipeline';
import { logIn, type AdminAnswer, type AdminClient } from '../support/admin-client.js';
import { startHost, type TestHost } from '../support/start-host.js';
import { row } from '../support/store-rows.js';

/** What may be deleted: nothing that something else stands on, and with it what waits for it. */
let host: TestHost;
let owner: AdminClient;

beforeAll(async () => {
  host = await startHost({ env: { FIRSTHAND_ROLES: 'admin' } });
  owner = await logIn(host.url, host.firstRun?.ownerEmail ?? '', host.firstRun?.ownerPassword ?? '');
  await host.seed.purpose('marketing');
});
afterAll(() => host.stop());

const remove = async (kind: string, id: string): Promise<AdminAnswer> => owner.call('DELETE', `/${kind}/${id}`, { ifMatch: (await owner.get(`/${kind}/${id}`)).body.version });
const destination = (id: string): Promise<string> => host.seed.destination({ pluginId: 'webhook', id, status: 'paused', settings: { url: 'http://127.0.0.1:1' }, secrets: { secret: 'x' } });
const sendTo = (connectionId: string) => ({ id: 'send', type: 'deliver', connectionId, action: 'send-event' } as const);

async function pending(connectionId: string, count: number, over: Partial<DeliveryRow> = {}): Promise<void> {
  const { workspaceId, connected: { store } } = host;
  await store.transaction(async (tx) => {
    await tx.insertDeliveries(Array.from({ length: count }, (_, index) => row.delivery('', { deliveryId: `${workspaceId}|${connectionId}-${over.class ?? 'data'}-${index}`, workspaceId, connectionId, createdAt: 60_000 * (1 + (index % 2)), ...over })));
    await tx.insertLedger(workspaceId, [{ connectionId, minute: 60_000, counts: { deliveries: Math.ceil(count / 2) } }, { connectionId, minute: 120_000, counts: { deliveries: Math.floor(count / 2) } }]);
  });
}

describe('a destination connection', () => {
  it('takes what waits for it along, counted', async () => {
    await destination('old-crm');
    await pending('old-crm', 5_003);
    expect(await remove('connections', 'old-crm')).toMatchObject({ status: 204 });
    const { deliveries } = host.connected.collections;
    expect(await deliveries.countDocuments({ connectionId: 'old-crm', state: 'cancelled', reason: 'connection-deleted' })).toBe(5_003);
    expect(await host.connected.store.findDueLanes(Date.now())).toEqual([]);
    const { body } = await owner.get('/balance?connectionId=old-crm');
    expect(body).toMatchObject({ difference: 0, destinations: [{ deliveries: 5_003, parts: { 'cancelled.connection-deleted': 5_003 } }] });
  });

  it('stays while a removal waits for it, and so does all that waits', async () => {
    await destination('audience');
    await pending('audience', 2);
    await pending('audience', 1, { class: 'suppression', operation: 'removeMembers' });
    const answer = await remove('connections', 'audience');
    expect([answer.status, answer.body.code, answer.body.detail]).toEqual([409, 'CONFLICT', 'The connection is in use: 1 pending removals.']);
    expect(await host.connected.collections.deliveries.countDocuments({ connectionId: 'audience', state: 'pending' })).toBe(3);
    expect((await owner.get('/connections/audience')).status).toBe(200);
  });

  it('stays while a flow delivers to it: its draft, what is published, and a former version with runs that wait', async () => {
    await destination('crm');
    await destination('other');
    const flow = { purpose: 'marketing', trigger: { type: 'event' as const, name: 'Order Completed' }, steps: [sendTo('crm')] };
    await host.seed.flow({ flowId: 'to-crm', ...flow });
    await host.seed.flow({ flowId: 'elsewhere', ...flow, steps: [sendTo('other')] });
    const conflict = { status: 409, body: { code: 'CONFLICT', errors: [{ path: '/flows/to-crm', message: 'delivers to it' }] } };
    await owner.post('/flows/to-crm/pause');
    expect(await remove('connections', 'crm')).toMatchObject(conflict);

    const { version } = (await owner.get('/flows/to-crm')).body;
    expect((await owner.put('/flows/to-crm', version, { flow: { name: 'n', acceptsHistorical: false, ...flow, steps: [sendTo('other')] } })).status).toBe(200);
    expect(await remove('connections', 'crm')).toMatchObject(conflict);

    await host.connected.store.transaction((tx) => tx.insertRuns([row.run('', { runId: `${host.workspaceId}|r`, workspaceId: host.workspaceId, flowId: 'to-crm', flowVersion: 1 })]));
    expect((await owner.post('/flows/to-crm/publish')).body).toMatchObject({ liveVersion: 2 });
    expect(await remove('connections', 'crm')).toMatchObject(conflict);

    await host.connected.collections.runs.deleteMany({});
    expect((await owner.call('DELETE', '/connections/crm?dryRun=true', { ifMatch: 1 })).body).toMatchObject({ wouldAnswer: { status: 204 } });
    expect(await remove('connections', 'crm')).toMatchObject({ status: 204 });
  });

  it('stays while a send is under way, and cancels nothing for who has seen another version', async () => {
    await destination('busy');
    await pending('busy', 1);
    const { store } = host.connected;
    const lease = await store.acquireLane({ workspaceId: host.workspaceId, connectionId: 'busy' }, 'worker-1', Date.now() + 10_000, Date.now());
    expect(await remove('connections', 'busy')).toMatchObject({ status: 409, body: { detail: expect.stringContaining('under way') } });
    if (lease !== null) await store.releaseLane(lease);
    expect(await owner.call('DELETE', '/connections/busy', { ifMatch: 7 })).toMatchObject({ status: 412 });
    expect(await host.connected.collections.deliveries.countDocuments({ connectionId: 'busy', state: 'pending' })).toBe(1);
    expect(await remove('connections', 'busy')).toMatchObject({ status: 204 });
  });
});

describe('a purpose', () => {
  it.each<[string, (purpose: string) => Promise<string>]>([
    ['connection', async (collectionPurpose) => (await host.seed.source({ pluginId: 'web', capability: 'events', collectionPurpose })).connectionId],
    ['connection', async (purpose) => (await host.seed.source({ pluginId: 'web', capability: 'events', consentSignals: [{ signal: 'gpc', purpose, recipients: ['own'] }] })).connectionId],
    ['connection', async (purpose) => (await host.seed.source({ pluginId: 'web', capability: 'events', consentCategories: { 'C0004': purpose } })).connectionId],
    ['segment', (consent) => host.seed.segment({ purpose: 'marketing', condition: { not: { consent } } })],
    ['flow', (consent) => host.seed.flow({ purpose: 'marketing', trigger: { type: 'profile' }, steps: [{ id: 'may', type: 'filter', condition: { consent } }] })],
  ])('stays while a %s stands on it', async (kind, use) => {
    const purpose = await host.seed.purpose(`p-${Math.random().toString(36).slice(2)}`);
    const user = await use(purpose);
    expect(await remove('purposes', purpose)).toMatchObject({ status: 409, body: { detail: `The purpose is in use: ${kind} ${user}.` } });
  });

  it('goes when a word of a flow is merely the same', async () => {
    await host.seed.purpose('send');
    expect(await remove('purposes', 'send')).toMatchObject({ status: 204 });
  });
});

describe('a segment', () => {
  const condition: Condition = { trait: 'city', op: 'eq', value: 'Shanghai' };

  it('stays while a flow reads it, and goes when a word of a flow is merely the same', async () => {
    for (const id of ['vip', 'buyers', 'send']) {
      await host.seed.segment({ id, purpose: 'marketing', condition });
      await owner.post(`/segments/${id}/pause`);
    }
    await host.seed.flow({ flowId: 'reads', purpose: 'marketing', trigger: { type: 'segment', segmentId: 'vip', on: 'both' }, steps: [{ id: 'send', type: 'filter', condition: { segment: 'buyers' } }] });
    for (const id of ['vip', 'buyers']) expect(await remove('segments', id)).toMatchObject({ status: 409, body: { detail: 'The segment is in use: flow reads.' } });
    expect(await remove('segments', 'send')).toMatchObject({ status: 204 });
  });
});
