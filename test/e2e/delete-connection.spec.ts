import { encodeStoredKey, type Condition } from '@firsthand/domain';
import { nextBlock, readBlock, type DeliveryRow, type EvidenceItem, type LaneLease } from '@firsthand/pipeline';
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

  it('takes along what a worker died with, once that is written down', async () => {
    await destination('silent');
    const { workspaceId, connected: { store, collections: { deliveries, evidence, inFlight, lanes } } } = host;
    const lane = { workspaceId, connectionId: 'silent' };
    const [deliveryId, at] = [`${workspaceId}|on-its-way`, Date.now() - 20_000];
    const lease = (await store.acquireLane(lane, 'dead', at + 10_000, at)) as LaneLease;
    const decided: EvidenceItem = { deliveryId, attempt: 0, subjectKey: 's', purpose: 'marketing', fields: [], payloadDigest: 'd', isAllowed: true, reason: 'contract', recordId: null, agreementId: null, agreementVersion: null, idempotencyKey: 'on-its-way' };
    const block = nextBlock(lease, at, { evidence: [decided], outcomes: [] });
    await store.transaction(async (tx) => {
      await tx.advanceLane(lease, block);
      await tx.insertEvidence(block);
      await tx.insertInFlight({ blockId: `${workspaceId}|silent|b`, ...lane, rows: [row.delivery('', { deliveryId, ...lane, createdAt: at })] });
      await tx.insertLedger(workspaceId, [{ connectionId: 'silent', minute: 60_000, counts: { deliveries: 1 } }]);
    });
    const { version } = (await owner.get('/connections/silent')).body;
    expect(await owner.call('DELETE', '/connections/silent?dryRun=true', { ifMatch: version })).toMatchObject({ body: { wouldAnswer: { status: 204 } } });
    expect(await lanes.findOne({ connectionId: 'silent' })).toMatchObject({ holder: 'dead', chainSeq: 1 });
    expect(await remove('connections', 'silent')).toMatchObject({ status: 204 });
    expect([await inFlight.countDocuments({ connectionId: 'silent' }), await deliveries.findOne({ connectionId: 'silent' })]).toEqual([0, expect.objectContaining({ state: 'cancelled', reason: 'connection-deleted' })]);
    expect((await evidence.find({ connectionId: 'silent' }, { sort: { seq: 1 } }).toArray()).flatMap((one) => readBlock(one).outcomes)).toMatchObject([{ deliveryId, outcome: 'stalled' }]);
    expect((await owner.get('/deliveries/on-its-way/explain')).body).toMatchObject({ words: 'It is not sent any more. Its connection was deleted. Where a try is noted as stalled, it may have arrived.' });
    expect((await owner.get('/balance?connectionId=silent')).body).toMatchObject({ difference: 0, destinations: [{ parts: { 'cancelled.connection-deleted': 1 } }] });
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

describe('a source connection', () => {
  it('stays while records of it wait to be applied, of whichever version they were stored by', async () => {
    const { workspaceId, connected: { store, collections: { inbox } } } = host;
    const waiting = (connectionId: string, id: string) => store.inbox.append([row.inbox('', { inboxId: `${workspaceId}|${id}`, workspaceId, records: row.inbox('m1').records.map((record) => ({ ...record, connectionId })) })]);
    const source = (id: string) => host.seed.source({ pluginId: 'web', capability: 'events', id, status: 'paused' });
    for (const id of ['old-site', 'new-site']) await source(id);
    await waiting('old-site', 'i1');
    expect(await remove('connections', 'old-site')).toMatchObject({ status: 409, body: { code: 'RECORDS_WAITING' } });
    const { version } = (await owner.get('/connections/old-site')).body;
    expect((await owner.call('DELETE', '/connections/old-site?dryRun=true', { ifMatch: version })).body).toMatchObject({ code: 'RECORDS_WAITING' });
    expect(await remove('connections', 'new-site')).toMatchObject({ status: 204 });
    await inbox.updateMany({}, { $unset: { tallies: 1 } });
    expect(await remove('connections', 'old-site')).toMatchObject({ status: 409, body: { code: 'RECORDS_WAITING' } });
    await inbox.deleteMany({});
    expect(await remove('connections', 'old-site')).toMatchObject({ status: 204 });
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

describe('a sync rule', () => {
  const rule = (change: object = {}) => ({ name: 'CRM', connectionId: 'hub', action: 'upsert-contact', purpose: 'crm-data', fields: [{ field: 'profile.phone', to: 'phone' }, { field: 'profile.custom.food', to: 'properties.food' }], ...change });
  const list = { segmentId: 'vips', action: 'list-membership', values: { listId: '2043' } };
  const conflict = (place: string) => ({ status: 409, body: { code: 'CONFLICT', errors: [{ path: place }] } });
  const SETTINGS = { portalId: '1', accessToken: 'pat-1', clientSecret: 's-1' };

  beforeAll(async () => {
    await host.seed.purpose('crm-data');
    await host.seed.customField({ entity: 'profile', name: 'food', type: 'string', description: 'What they like.' });
    for (const id of ['vips', 'asked']) {
      await host.seed.segment({ id, purpose: 'crm-data', condition: { trait: 'city', op: 'exists' } });
      await owner.post(`/segments/${id}/pause`);
    }
    const made = await owner.post('/connections', { kind: 'both', id: 'hub', name: 'Hub', pluginId: 'hubspot', capability: 'webhooks', settings: SETTINGS, system: 'hubspot-eu', recipient: 'processor' });
    expect([made.status, made.body]).toEqual([201, expect.objectContaining({ kind: 'both', status: 'draft', system: 'hubspot-eu', capability: 'webhooks', recipient: 'processor', writeKeys: [], disabled: null })]);
  });

  it('is refused with every place that its workspace does not bear out', async () => {
    const { status, body } = await owner.post('/sync-rules', { id: 'crm', rule: rule({ connectionId: 'hub', action: 'list-membership', purpose: 'gone', fields: [{ field: 'profile.shoe', to: 'shoe' }] }) });
    expect([status, body.code]).toEqual([422, 'INVALID_SYNC_RULE']);
    expect((body.errors as { path: string }[]).map(({ path }) => path)).toEqual(['/purpose', '/fields', '/fields/0/to', '/action', '/fields/0/field']);
    expect((await owner.post('/sync-rules', { rule: { ...rule(), direction: 'both' } })).body).toMatchObject({ code: 'INVALID_SYNC_RULE' });
    expect((await owner.post('/sync-rules', { rule: rule({ condition: { all: [{ nonsense: 1 }] } }) })).body.errors).toMatchObject([{ path: '/condition/all/0' }]);
  });

  it('is made, tried, changed, paused and counted', async () => {
    const given = { id: 'crm', rule: rule({ condition: { segment: 'asked' }, memberships: [list] }) };
    const tried = (await owner.post('/sync-rules?dryRun=true', given)).body;
    expect(tried).toMatchObject({ dryRun: true, wouldWrite: [{ kind: 'syncRules', id: 'crm', change: 'created' }], effects: [{ effect: 'writes-to', ids: ['hub'] }, { effect: 'people-gone-through' }, { effect: 'deliveries-waiting', count: 0 }] });
    expect((await owner.get('/sync-rules')).body.items).toEqual([]);
    expect(await owner.post('/sync-rules', given)).toMatchObject({ status: 201, body: { id: 'crm', version: 1, isEnabled: true, flows: ['sync.crm', 'sync.crm.0'], problem: { code: 'CONNECTION_DISABLED' } } });
    expect((await owner.post('/sync-rules', given)).body.code).toBe('CONFLICT');
    expect((await owner.post('/sync-rules', { id: 'second', rule: rule({ fields: [{ field: 'profile.phone', to: 'properties.mobile' }] }) })).body.errors).toEqual([{ path: '/fields/0/field', message: 'is written by the rule crm already' }]);

    const since = async () => (await host.repository.get<{ fillsSince: number }>('syncRules', host.workspaceId, 'crm')).content.fillsSince;
    const began = await since();
    expect((await owner.put('/sync-rules/crm', 1, { rule: { ...given.rule, name: 'Customers' } })).body).toMatchObject({ version: 2, name: 'Customers' });
    expect(await since()).toBe(began);
    expect((await owner.put('/sync-rules/crm', 1, { rule: given.rule })).body.code).toBe('VERSION_MISMATCH');
    expect((await owner.put('/sync-rules/crm', 2, { rule: { ...given.rule, fields: given.rule.fields.slice(1) } })).body).toMatchObject({ version: 3 });
    expect(await since()).toBeGreaterThan(began);
    expect((await owner.post('/sync-rules/crm/pause')).body).toMatchObject({ version: 4, isEnabled: false });
    expect((await owner.get('/sync-rules/crm/status')).body.filling).toBeNull();
    expect((await owner.post('/sync-rules/crm/enable')).body).toMatchObject({ version: 5, isEnabled: true });

    const { workspaceId, connected: { store } } = host;
    const outcome = (flowId: string, index: number, state: DeliveryRow['state'], reason: string | null) => row.delivery('', { deliveryId: `${workspaceId}|${flowId}-${index}`, workspaceId, connectionId: 'hub', flowId, createdAt: Date.now() - 60_000, state, reason });
    await store.transaction((tx) => tx.insertDeliveries([
      outcome('sync.crm', 1, 'delivered', null), outcome('sync.crm', 2, 'cancelled', 'in-sync'), outcome('sync.crm', 3, 'blocked', 'no-consent'), outcome('sync.crm', 4, 'dead', 'rejected'), outcome('sync.crm', 5, 'cancelled', 'erased'),
      outcome('sync.crm.0', 1, 'delivered', null), outcome('sync.crm-eu', 1, 'delivered', null), { ...outcome('sync.crm', 6, 'delivered', null), createdAt: 1 },
    ]));
    expect((await owner.get('/sync-rules/crm/status?hours=1')).body).toEqual({
      filling: { filled: 0, of: expect.any(Number) as number, isDone: false }, hours: 1, fields: { written: 1, inSync: 1, blocked: { 'no-consent': 1 }, failed: { rejected: 1 }, cancelled: { erased: 1 }, pending: 0 },
      memberships: { written: 1, inSync: 0, blocked: {}, failed: {}, cancelled: {}, pending: 0 }, stopped: [],
    });
  });

  it('shows which fields of whom are stopped, between which two, and lets them go', async () => {
    const { workspaceId, connected: { collections: { syncStates } } } = host;
    const stopped = { since: 1_000, ruleId: 'crm', between: ['hub', 'shop'], digests: ['a', 'b'] };
    await syncStates.insertOne({ _id: `${workspaceId}|hub|p1`, schemaVersion: 1, workspaceId, connectionId: 'hub', profileId: 'p1', names: [], fields: { [encodeStoredKey('custom.food')]: { held: null, turns: [], stopped } }, stoppedBy: ['crm'] } as never);
    const one = { field: 'profile.custom.food', between: ['hub', 'shop'] };
    expect((await owner.get('/sync-rules/crm/stopped')).body).toEqual({ items: [{ ...one, profileId: 'p1', since: '1970-01-01T00:00:01.000Z' }], nextCursor: null });
    expect((await owner.get('/sync-rules/crm/status')).body.stopped).toEqual([{ ...one, people: 1 }]);
    expect((await owner.get('/connections/hub')).body).toMatchObject({ delivery: { stopped: [{ ruleId: 'crm', field: 'profile.custom.food', source: 'shop', people: 1 }] } });
    const release = async (body: object) => (await owner.post('/sync-rules/crm/stopped/release', body)).body;
    expect(await release({ profileId: 'p1', field: 'profile.city' })).toMatchObject({ code: 'INVALID_REQUEST', errors: [{ path: '/field' }] });
    expect([await release({ profileId: 'p1', field: 'profile.custom.food' }), await release({ profileId: 'p1', field: 'profile.custom.food' })]).toEqual([{ wasStopped: true }, { wasStopped: false }]);
    expect((await owner.get('/sync-rules/crm/stopped')).body).toEqual({ items: [], nextCursor: null });
  });

  it('keeps what it names, and tells of itself in lineage and register', async () => {
    expect(await remove('connections', 'hub')).toMatchObject(conflict('/sync-rules/crm'));
    expect(await remove('purposes', 'crm-data')).toMatchObject({ status: 409, body: { detail: expect.stringContaining('sync rule crm') as string } });
    for (const id of ['vips', 'asked']) expect(await remove('segments', id)).toMatchObject({ status: 409, body: { detail: 'The segment is in use: sync rule crm.' } });
    expect(await remove('dictionary/custom-fields', 'profile.food')).toMatchObject(conflict('/sync-rules/crm'));
    const lineage = (await owner.get('/dictionary/lineage')).body.fields as { path: string; flows: string[] }[];
    expect(lineage.find(({ path }) => path === 'profile.custom.food')?.flows).toEqual(['sync.crm']);
    const register = (await owner.get('/data-use-register')).body.purposes as { key: string; sharedWith: object[] }[];
    expect(register.find(({ key }) => key === 'crm-data')?.sharedWith).toMatchObject([{ connectionId: 'hub', actions: ['upsert-contact', 'list-membership'], flows: ['sync.crm', 'sync.crm.0'] }]);
  });

  it('is written as a document with the connection that it writes to, and made of one again', async () => {
    const read = async () => ((await owner.get('/configuration')).body.documents as { kind: string; id: string; content: Record<string, unknown> }[]).filter(({ kind, id }) => kind === 'syncRules' || id === 'hub');
    const documents = await read();
    expect(documents.map(({ kind, content }) => [kind, content.kind, content.system])).toEqual([['connections', 'both', 'hubspot-eu'], ['syncRules', undefined, undefined]]);
    expect(await remove('sync-rules', 'crm')).toMatchObject({ status: 204 });
    expect(await owner.put('/connections/hub', (await owner.get('/connections/hub')).body.version, { system: null, unknownEvents: 'quarantine', concurrency: 2 })).toMatchObject({ status: 200, body: { system: null, unknownEvents: 'quarantine', concurrency: 2 } });
    expect((await owner.post('/configuration', { documents })).body).toEqual({ changes: [{ kind: 'connections', id: 'hub', change: 'changed', fields: ['/concurrency', '/system', '/unknownEvents'] }, { kind: 'syncRules', id: 'crm', change: 'created', fields: [] }] });
    expect(await read()).toEqual(documents);
    expect(await remove('sync-rules', 'crm')).toMatchObject({ status: 204 });
    expect(await remove('connections', 'hub')).toMatchObject({ status: 204 });
  });
});
