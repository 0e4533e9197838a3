import { syncFlowId } from '@firsthand/domain';
import { SignJWT } from 'jose';
import type { SyncRuleDocument } from '../../apps/host/src/configuration/documents.js';
import { createFirsthand, type Me } from '../../plugins/wechat-mini-program/client/firsthand-mini-program.js';
import { FakeWx } from '../../plugins/wechat-mini-program/src/fixtures/fake-wx.js';
import type { AdminClient } from '../support/admin-client.js';
import type { FakeHubspot } from '../support/fake-hubspot.js';
import type { FakeShopify } from '../support/fake-shopify.js';
import type { TestHost } from '../support/start-host.js';
import { startTwoSystems, type TwoSystems } from '../support/two-systems.js';
import { until } from '../support/until.js';

/** The promise in one story, set up over REST as an admin would: a CRM and a store that are read and written, and a mini-program that asks. */
let systems: TwoSystems;
let host: TestHost;
let owner: AdminClient;
let hubspot: FakeHubspot;
let shopify: FakeShopify;

beforeAll(async () => {
  systems = await startTwoSystems({ phone: 'phone', firstName: 'firstName', email: 'email' });
  ({ host, owner, hubspot, shopify } = systems);
  const provenance = { collection: 'first-party', statement: 'Our own.' };
  await made('/connections', { kind: 'source', id: 'mini', name: 'Mini-program', pluginId: 'wechat-mini-program', capability: 'client-events', agreementId: systems.agreementId, provenance, profilePurpose: 'care', settings: { appId: 'wx4f4bc4dec97d474b' } });
  expect((await owner.post('/connections/mini/enable', {})).status).toBe(200);
  // The CRM is the master of most fields, whatever the store says later; here the newest word counts.
  expect((await owner.put('/ownership-settings', ((await owner.get('/ownership-settings')).body as { version: number }).version, { fields: [{ field: 'profile.firstName', policy: 'newest' }] })).status).toBe(200);
  await host.configuration.refresh();
  expect(host.configuration.problems()).toEqual([]);
});
afterAll(() => systems?.stop());

const made: TwoSystems['made'] = (path, body) => systems.made(path, body);
const quiet = (): Promise<void> => systems.quiet();
const writesTo = (connectionId: string) => host.connected.collections.deliveries.find({ connectionId, flowId: syncFlowId(connectionId) }).sort({ seq: 1 }).toArray();

it('a phone number corrected in the CRM is right in the store and in the mini-program, once, with its evidence', async () => {
  hubspot.subscribe({ url: `${host.url}/hooks/crm` });
  const contact = hubspot.addContact({ email: 'ana@example.com', firstname: 'Ana', phone: '030 1111111', country: 'Germany' });
  const customer = shopify.add({ email: 'ana@example.com', firstName: 'Ana' });
  await shopify.deliver(`${host.url}/hooks/store`);
  hubspot.editContact(contact.id, { phone: '030 2222222' });
  await until(() => shopify.customers.byId.get(customer.id)?.phone, (phone) => phone === '+49302222222');
  await quiet();
  const [storeBefore, crmBefore] = [await writesTo('store'), await writesTo('crm')];

  const key = await made('/connections/mini/user-token-keys', { name: 'Shop server' }) as { id: string; secret: string };
  await host.configuration.refresh();
  const wx = new FakeWx();
  wx.request = (request) => {
    if (request.data !== undefined) return request.success({ statusCode: 200 });
    void fetch(request.url, { headers: request.header }).then(async (response) => request.success({ statusCode: response.status, data: await response.json() }));
  };
  const userToken = (): Promise<string> => new SignJWT({ sub: 'ana@example.com', ns: 'email' }).setProtectedHeader({ alg: 'HS256', kid: key.id }).setAudience('mini').setIssuedAt().setExpirationTime('10m').sign(new TextEncoder().encode(key.secret));
  const firsthand = createFirsthand({ endpoint: host.url, writeKey: 'pk_0', wx, login: false, flushIntervalMs: 50, userToken });
  firsthand.start();
  const look = (phone: string) => until(() => firsthand.me<{ phone: string }>(), (me: Me<{ phone: string }> | null) => me?.traits.phone === phone);
  expect((await look('+49302222222'))?.traits.phone).toBe('+49302222222');

  hubspot.editContact(contact.id, { phone: '030 12345678' });
  expect(await until(() => shopify.customers.byId.get(customer.id)?.phone, (phone) => phone === '+493012345678')).toBe('+493012345678');
  expect((await look('+493012345678'))?.traits.phone).toBe('+493012345678');
  await quiet();

  // Written once to the store, which told of it; and not at all to the CRM, which has it already in a spelling of its own.
  const written = (await writesTo('store')).slice(storeBefore.length).filter(({ state }) => state === 'delivered');
  expect(written).toHaveLength(1);
  expect((await writesTo('crm')).slice(crmBefore.length).filter(({ state }) => state !== 'cancelled')).toEqual([]);
  expect(hubspot.contact(contact.id)?.properties.phone).toBe('030 12345678');
  const { body } = await owner.get(`/deliveries/${encodeURIComponent((written[0]?._id ?? '').split('|')[1] ?? '')}`);
  expect(body).toMatchObject({ state: 'delivered', evidence: [{ isAllowed: true, purpose: 'care', fields: expect.arrayContaining(['profile.phone']) as unknown }], outcomes: [{ outcome: 'delivered' }] });

  // How soon the store had what the CRM said, in the report and for who watches the host. Figures are added up every few seconds.
  const pairs = async (): Promise<Record<string, unknown>[]> => (await owner.get('/freshness?every=minute&source=crm&destination=store')).body.pairs as Record<string, unknown>[];
  const [pair] = await until(pairs, ([one]) => Number(one?.count ?? 0) >= written.length);
  const figure = expect.any(Number) as unknown;
  expect(pair).toMatchObject({ source: 'crm', destination: 'store', p50Ms: figure, p95Ms: figure, p99Ms: figure });
  const counted = /firsthand_freshness_seconds_count\{workspace="[^"]+",source="crm",destination="store"\} (\d+)/u.exec(await (await fetch(`${host.url}/metrics`)).text());
  expect(Number(counted?.[1])).toBeGreaterThanOrEqual(written.length);
});

it('a phone number that is emptied in the CRM is emptied in the store, by one write, and then it is quiet', async () => {
  const [contact] = [...hubspot.contacts.values()];
  const [customer] = [...shopify.customers.byId.values()];
  const [storeBefore, crmBefore] = [await writesTo('store'), await writesTo('crm')];
  hubspot.editContact(contact?.id ?? '', { phone: '' });
  await until(() => shopify.customers.byId.get(customer?.id ?? 0)?.phone, (phone) => !phone);
  await quiet();
  expect(shopify.customers.byId.get(customer?.id ?? 0)?.phone ?? null).toBeNull();
  expect((await writesTo('store')).slice(storeBefore.length).map(({ state }) => state).filter((state) => state !== 'cancelled')).toEqual(['delivered']);
  expect((await writesTo('crm')).slice(crmBefore.length).filter(({ state }) => state !== 'cancelled')).toEqual([]);
  expect(hubspot.contact(contact?.id ?? '')?.properties.phone).toBeNull();
});

it('what the store corrects is right in the CRM, and nothing goes to and fro', async () => {
  const { id } = [...shopify.customers.byId.values()][0] ?? { id: 0 };
  const contactId = [...hubspot.contacts.values()][0]?.id ?? '';
  // It says when in whole seconds: what it says in the second of the CRM's last word may come before that.
  systems.shopAheadMs = 1_000;
  shopify.edit(id, { firstName: 'Anna' });
  await quiet();
  expect(await until(() => hubspot.contact(contactId)?.properties.firstname, (name) => name === 'Anna')).toBe('Anna');
  const { status, body } = await owner.get('/sync-rules/crm/status');
  expect([status, body]).toMatchObject([200, { stopped: [] }]);
});

describe('why somebody was written, or not', () => {
  let profileId = '';
  const explain = (flowId: string, more = '') => owner.get(`/profiles/${profileId}/explain?flowId=${flowId}${more}`);
  const reasonOf = async (flowId: string) => (await explain(flowId)).body.reason;
  const names = (condition: object) => ({ name: 'Names', connectionId: 'store', action: 'customer', purpose: 'care', fields: [{ field: 'profile.lastName', to: 'lastName' }], condition });

  beforeAll(async () => {
    hubspot.editContact([...hubspot.contacts.values()][0]?.id ?? '', { lastname: 'Li' });
    await quiet();
    profileId = String((await owner.get('/profiles/lookup?namespace=email&value=ana@example.com')).body.id);
  });

  it('is told of each delivery, and of the flow of a rule as of any', async () => {
    const { body } = await explain('sync.store');
    const now = { startsOnTrigger: true, steps: [{ stepId: 'write', delivery: { wouldSend: false, reason: 'in-sync' } }] };
    expect(body).toMatchObject({ reason: 'has-deliveries', now });
    const [written] = (body.deliveries as { id: string; state: string }[]).filter(({ state }) => state === 'delivered');
    const why = (await owner.get(`/deliveries/${encodeURIComponent(written?.id ?? '')}/explain`)).body;
    expect(why).toMatchObject({ words: 'It was delivered.', flow: { id: 'sync.store', name: 'Customers', stepId: 'write', trigger: { type: 'sync' } }, consents: [{ isAllowed: true, reason: 'basis-contract' }], consentNow: { isAllowed: true } });
    expect((await explain('sync.store', '&stepId=write')).body).toMatchObject({ reason: 'has-deliveries', now });
    expect([(await explain('sync.gone')).status, (await explain('sync.store.0')).status, (await explain('sync.store', '&stepId=send')).status]).toEqual([404, 404, 404]);
  });

  it('is told of who got nothing: not meant, paused, not come to yet, written next', async () => {
    await made('/sync-rules', { id: 'names', rule: names({ trait: 'city', op: 'eq', value: 'Nowhere' }) });
    expect(await until(() => reasonOf('sync.names'), (reason) => reason === 'condition-not-met')).toBe('condition-not-met');
    expect((await owner.post('/sync-rules/names/pause', {})).status).toBe(200);
    expect((await explain('sync.names')).body).toEqual({ reason: 'flow-not-live', words: 'The rule is paused.', deliveries: [], now: null });
    // One that is to begin much later.
    const { version, content } = await host.repository.get<SyncRuleDocument>('syncRules', host.workspaceId, 'names');
    const { condition: _, ...rule } = { ...content.rule, isEnabled: true };
    const fillsSince = Date.now() + 3_600_000;
    await host.repository.update<SyncRuleDocument>('syncRules', host.workspaceId, 'names', version, { rule, fillsSince }, Date.now());
    await host.configuration.refresh();
    expect((await explain('sync.names')).body).toMatchObject({ reason: 'not-reached', deliveries: [], now: { steps: [{ delivery: { wouldSend: true, payload: { lastName: 'Li' } } }] } });
    const { schedules } = host.connected.collections;
    const _id = `${host.workspaceId}|sync.names`;
    await until(() => schedules.findOne({ _id }), (row) => row?.pattern === `since ${fillsSince}`);
    const fill = async (change: object): Promise<unknown> => {
      await schedules.updateOne({ _id }, { $set: change });
      return reasonOf('sync.names');
    };
    // A page that ends meanwhile takes the place away again.
    expect(await until(() => fill({ running: { at: fillsSince, after: profileId } }), (reason) => reason === 'would-start-now')).toBe('would-start-now');
    expect(await fill({ running: null, nextAt: Number.MAX_SAFE_INTEGER })).toBe('would-start-now');
  });

  it('is told of a flow over who enters and leaves a segment: a member is no obstacle', async () => {
    await made('/segments', { id: 'lis', name: 'Lis', purpose: 'care', condition: { trait: 'lastName', op: 'eq', value: 'Li' } });
    expect((await owner.post('/segments/lis/publish')).status).toBe(200);
    await until(() => host.connected.collections.profiles.findOne({ _id: `${host.workspaceId}|${profileId}` }), (row) => row?.memberships.lis?.isMember === true);
    const flow = { name: 'Lis', purpose: 'care', acceptsHistorical: false, trigger: { type: 'segment', segmentId: 'lis', on: 'both' }, steps: [{ id: 'send', type: 'deliver', connectionId: 'crm', action: 'upsert-contact' }] };
    expect((await made('/flows', { id: 'lis', flow })).problems).toEqual([]);
    expect((await owner.post('/flows/lis/publish')).body.status).toBe('live');
    expect(await reasonOf('lis')).toBe('would-start-now');
  });
});
