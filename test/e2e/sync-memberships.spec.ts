import { SignJWT } from 'jose';
import { createFirsthand, type Me } from '../../plugins/wechat-mini-program/client/firsthand-mini-program.js';
import { FakeWx } from '../../plugins/wechat-mini-program/src/fixtures/fake-wx.js';
import { startTwoSystems, type TwoSystems } from '../support/two-systems.js';
import { until } from '../support/until.js';

/** What rules keep equal besides fields: a list of the CRM, tags and the marketing consent of the store, and what a mini-program reads at its start, by the real plugins. */
let systems: TwoSystems;
let contactId: string;
let customerId: number;
const EMAIL = 'ana@example.com';

beforeAll(async () => {
  systems = await startTwoSystems({ firstName: 'firstName', email: 'email' });
  const { owner, host, hubspot, shopify, made } = systems;
  for (const listId of ['2043', '2044']) hubspot.addList(listId);
  await host.seed.purpose('emailMarketing', { separateConsent: [], fields: ['profile.*', 'identities.*'] });
  for (const [id, purpose, condition] of [['vip', 'care', { trait: 'lastName', op: 'eq', value: 'Li' }], ['subscribers', 'emailMarketing', { consent: 'emailMarketing' }]] as const) {
    await made('/segments', { id, name: id, purpose, condition });
    expect((await owner.post(`/segments/${id}/publish`)).status).toBe(200);
  }
  for (const [id, action, memberships] of [
    ['store', 'customer', [{ segmentId: 'vip', action: 'customer-tag', values: { tag: 'VIP' } }]], ['crm', 'upsert-contact', [{ segmentId: 'vip', action: 'list-membership', values: { listId: '2043' } }]],
  ] as const) {
    const { version, name, connectionId, purpose, fields } = (await owner.get(`/sync-rules/${id}`)).body as { version: number } & Record<string, unknown>;
    expect((await owner.put(`/sync-rules/${id}`, version, { rule: { name, connectionId, action, purpose, fields, memberships } })).body).toMatchObject({ version: version + 1 });
    const letters = action === 'customer' ? { segmentId: 'subscribers', action: 'email-marketing' } : { segmentId: 'subscribers', action: 'list-membership', values: { listId: '2044' } };
    await made('/sync-rules', { id: `letters-${id}`, rule: { name: 'Letters', connectionId: id, action, purpose: 'emailMarketing', fields: [{ field: 'profile.phone', to: 'phone' }], memberships: [letters] } });
  }
  await host.configuration.refresh();
  expect(host.configuration.problems()).toEqual([]);
  hubspot.subscribe({ url: `${host.url}/hooks/crm` });
  contactId = hubspot.addContact({ email: EMAIL, firstname: 'Ana' }).id;
  const added = shopify.add({ email: EMAIL, firstName: 'Ana' });
  customerId = added.id;
  shopify.customers.changeTags(added, ['wholesale'], 'add');
  await systems.quiet();
});
afterAll(() => systems?.stop());

const customer = () => systems.shopify.customers.byId.get(customerId);
const isListed = (listId: string): boolean => systems.hubspot.lists.get(listId)?.members.has(contactId) ?? false;
/** What was written since, by connection and operation. */
const written = async (since: number): Promise<string[]> => (await systems.host.connected.collections.deliveries.find({ state: 'delivered', createdAt: { $gt: since } }).toArray()).map(({ connectionId, operation }) => `${connectionId} ${operation}`).sort();

it('who comes to be in a segment by what the CRM says is tagged in the store, on the list of the CRM, and seen by the mini-program at its start, once', async () => {
  const { owner, host, hubspot, made } = systems;
  await made('/connections', {
    kind: 'source', id: 'mini', name: 'Mini-program', pluginId: 'wechat-mini-program', capability: 'client-events', agreementId: systems.agreementId, profilePurpose: 'care', settings: { appId: 'wx4f4bc4dec97d474b' }, provenance: { collection: 'first-party', statement: 'Our own.' },
  });
  expect((await owner.post('/connections/mini/enable', {})).status).toBe(200);
  const key = await made('/connections/mini/user-token-keys', { name: 'Shop server' }) as { id: string; secret: string };
  await host.configuration.refresh();
  const userToken = (): Promise<string> => new SignJWT({ sub: EMAIL, ns: 'email' }).setProtectedHeader({ alg: 'HS256', kid: key.id }).setAudience('mini').setIssuedAt().setExpirationTime('10m').sign(new TextEncoder().encode(key.secret));
  /** As it is started anew. */
  const atStart = async (): Promise<string[] | undefined> => {
    const wx = new FakeWx();
    wx.request = (request) => {
      if (request.data !== undefined) return request.success({ statusCode: 200 });
      void fetch(request.url, { headers: request.header }).then(async (response) => request.success({ statusCode: response.status, data: await response.json() }));
    };
    const firsthand = createFirsthand({ endpoint: host.url, writeKey: 'pk_0', wx, login: false, flushIntervalMs: 50, userToken });
    firsthand.start();
    const me: Me | null = await firsthand.me();
    return me?.memberships.map(({ segmentId }) => segmentId);
  };
  expect(await atStart()).toEqual([]);

  const before = Date.now();
  hubspot.editContact(contactId, { lastname: 'Li' });
  await until(() => customer()?.tags, (tags = []) => tags.includes('VIP'));
  await systems.quiet();
  expect([customer()?.tags, isListed('2043'), await atStart()]).toEqual([['VIP', 'wholesale'], true, ['vip']]);
  // The store tells of its tag: nobody writes for that.
  expect(await written(before)).toEqual(['crm addMembers', 'store addMembers']);

  const since = Date.now();
  hubspot.editContact(contactId, { lastname: 'Wang' });
  await until(() => customer()?.tags, (tags = []) => !tags.includes('VIP'));
  await systems.quiet();
  expect([customer()?.tags, isListed('2043'), await atStart()]).toEqual([['wholesale'], false, []]);
  expect(await written(since)).toEqual(['crm removeMembers', 'store removeMembers']);
});

it('a consent given on the site is a subscription in the store and a place on the list, and one that is ended in the store ends both', async () => {
  const { host, shopify } = systems;
  const agreementId = await host.seed.agreement(['emailMarketing', 'care'], { id: 'newsletter' });
  const { secretKey, connectionId } = await host.seed.source({ pluginId: 'web', capability: 'events', agreementId, withoutBasis: 'strip' });
  const message = { type: 'identify', userId: 'u-1', messageId: 'agreed', traits: { email: EMAIL }, timestamp: new Date(Date.now() - 60_000).toISOString(), context: { consent: { categoryPreferences: { emailMarketing: true } } } };
  expect((await fetch(`${host.url}/v1/identify`, { method: 'POST', headers: { authorization: `Basic ${btoa(`${secretKey}:`)}`, 'content-type': 'application/json' }, body: JSON.stringify(message) })).status).toBe(200);
  await until(() => customer()?.emailConsent.state, (state) => state === 'SUBSCRIBED');
  await systems.quiet();
  expect([customer()?.emailConsent.state, isListed('2044')]).toEqual(['SUBSCRIBED', true]);

  const one = customer();
  if (one === undefined) throw new Error('The store has lost its customer.');
  shopify.customers.changeConsent(one, 'email', { state: 'UNSUBSCRIBED', optInLevel: 'SINGLE_OPT_IN' }, Date.now());
  await systems.quiet();
  expect(await until(() => isListed('2044'), (is) => !is)).toBe(false);
  await systems.quiet();
  expect(customer()?.emailConsent.state).toBe('UNSUBSCRIBED');
  // What the store told of our own write decided nothing anew.
  const decisions = await host.connected.collections.consents.find({ purpose: 'emailMarketing' }).sort({ recordedAt: 1 }).toArray();
  expect(decisions.map(({ decision, sourceConnectionId }) => [decision, sourceConnectionId])).toEqual([['granted', connectionId], ['denied', 'store']]);
});
