import { syncFlowId } from '@firsthand/domain';
import { SignJWT } from 'jose';
import { createFirsthand, type Me } from '../../plugins/wechat-mini-program/client/firsthand-mini-program.js';
import { FakeWx } from '../../plugins/wechat-mini-program/src/fixtures/fake-wx.js';
import { logIn, type AdminClient } from '../support/admin-client.js';
import { startFakeHubspot, type FakeHubspot } from '../support/fake-hubspot.js';
import { startFakeShopify, type FakeShopify } from '../support/fake-shopify.js';
import { startHost, type TestHost } from '../support/start-host.js';
import { until } from '../support/until.js';

/** The promise in one story, set up over REST as an admin would: a CRM and a store that are read and written, and a mini-program that asks. */
let host: TestHost;
let owner: AdminClient;
let hubspot: FakeHubspot;
let shopify: FakeShopify;

beforeAll(async () => {
  [host, hubspot, shopify] = await Promise.all([startHost(), startFakeHubspot(), startFakeShopify()]);
  owner = await logIn(host.url, host.firstRun?.ownerEmail ?? '', host.firstRun?.ownerPassword ?? '');
  await host.seed.purpose('care', { lawfulBasis: 'contract', fields: ['profile.*', 'identities.*'], separateConsent: [] });
  const agreementId = await host.seed.agreement(['care'], { id: 'terms-of-care' });
  const both = { kind: 'both', agreementId, provenance: { collection: 'first-party', statement: 'Our own.' }, recipient: 'processor', country: 'DE' };
  const { accessToken, clientSecret, portalId, apiBaseUrl } = hubspot.settings;
  const { shop, secret, accessToken: shopToken, apiBaseUrl: shopUrl } = shopify.settings;
  await made('/connections', { ...both, id: 'crm', name: 'CRM', pluginId: 'hubspot', capability: 'webhooks', settings: { accessToken, clientSecret, portalId, apiBaseUrl } });
  await made('/connections', { ...both, id: 'store', name: 'Store', pluginId: 'shopify-pos', capability: 'orders', settings: { shop, secret, accessToken: shopToken, apiBaseUrl: shopUrl } });
  await made('/connections', { kind: 'source', id: 'mini', name: 'Mini-program', pluginId: 'wechat-mini-program', capability: 'client-events', agreementId, provenance: both.provenance, profilePurpose: 'care', settings: { appId: 'wx4f4bc4dec97d474b' } });
  for (const id of ['crm', 'store', 'mini']) expect((await owner.post(`/connections/${id}/enable`, {})).status).toBe(200);
  const fields = ['phone', 'firstName', 'email'].map((name) => ({ field: `profile.${name}`, to: name }));
  await made('/sync-rules', { id: 'crm', rule: { name: 'Contacts', connectionId: 'crm', action: 'upsert-contact', purpose: 'care', fields } });
  await made('/sync-rules', { id: 'store', rule: { name: 'Customers', connectionId: 'store', action: 'customer', purpose: 'care', fields } });
  await host.configuration.refresh();
  expect(host.configuration.problems()).toEqual([]);
});
afterAll(async () => {
  await host?.stop();
  await Promise.all([hubspot?.close(), shopify?.close()]);
});

async function made(path: string, body: object): Promise<Record<string, unknown>> {
  const answer = await owner.post(path, body);
  expect([path, answer.status, answer.status < 300 ? '' : JSON.stringify(answer.body)]).toEqual([path, 201, '']);
  return answer.body as Record<string, unknown>;
}

/** Nothing is left to do, and nobody has anything more to say. */
async function quiet(): Promise<void> {
  const { inbox, deliveries, inFlight } = host.connected.collections;
  const left = async () => {
    await shopify.deliver(`${host.url}/hooks/store`);
    await hubspot.webhooksSettled();
    return (await inbox.countDocuments({})) + (await inFlight.countDocuments({})) + (await deliveries.countDocuments({ state: 'pending' })) + shopify.outbox.length;
  };
  expect(await until(left, (count) => count === 0)).toBe(0);
}

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
});

it('what the store corrects is right in the CRM, and nothing goes to and fro', async () => {
  const { id } = [...shopify.customers.byId.values()][0] ?? { id: 0 };
  const contactId = [...hubspot.contacts.values()][0]?.id ?? '';
  shopify.edit(id, { firstName: 'Anna' });
  await quiet();
  expect(await until(() => hubspot.contact(contactId)?.properties.firstname, (name) => name === 'Anna')).toBe('Anna');
  const { status, body } = await owner.get('/sync-rules/crm/status');
  expect([status, body]).toMatchObject([200, { stopped: [] }]);
});
