import { createHash, createHmac } from 'node:crypto';
import { createFirsthand } from '../../plugins/wechat-mini-program/client/firsthand-mini-program.js';
import { encryptPush } from '../../plugins/wechat-mini-program/src/fixtures/encrypt-push.js';
import { FakeWx } from '../../plugins/wechat-mini-program/src/fixtures/fake-wx.js';
import { subscriptionMessage, subscriptionMessageJson } from '../../plugins/wechat-mini-program/src/fixtures/messages.js';
import { orderPaid } from '../../plugins/shopify-pos/src/fixtures/order-paid.js';
import { startFakeHubspot, type FakeHubspot } from '../support/fake-hubspot.js';
import { startHost, type TestHost } from '../support/start-host.js';
import { until } from '../support/until.js';

/** Behind a proxy: vendors know the host by another address than it listens on. */
const PUBLIC_URL = 'https://data.example.com';
const WECHAT = { appId: 'wx4f4bc4dec97d474b', token: 'pushToken1', encodingAesKey: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG' };

const now = (): string => String(Math.floor(Date.now() / 1000));
const answered = async (answer: Promise<Response>): Promise<{ status: number; text: string }> => ({ status: (await answer).status, text: await (await answer).text() });
/** As WeChat's servers push a message to an address. */
function push(address: string, message: string, keys: typeof WECHAT): Promise<{ status: number; text: string }> {
  const [timestamp, nonce] = [now(), 'n1'];
  const { body, signature } = encryptPush(Buffer.from(message), keys, timestamp, nonce);
  return answered(fetch(`${address}?timestamp=${timestamp}&nonce=${nonce}&encrypt_type=aes&msg_signature=${signature}`, { method: 'POST', headers: { 'content-type': 'text/xml' }, body: body as unknown as string }));
}

interface StoredRecord { raw: Record<string, unknown>; record: Record<string, unknown> | null; fault: { code: string } | null; isVerified: boolean }

describe('what vendors send to a host', () => {
  let host: TestHost;
  let hubspot: FakeHubspot;
  beforeAll(async () => {
    hubspot = await startFakeHubspot();
    // Without the worker what was taken lies where it was put.
    host = await startHost({ env: { FIRSTHAND_ROLES: 'ingest', PUBLIC_URL } });
    const { appId, ...secrets } = WECHAT;
    await host.seed.source({ pluginId: 'wechat-mini-program', capability: 'messages', id: 'pushes', settings: { appId }, secrets });
    await host.seed.source({ pluginId: 'shopify-pos', capability: 'orders', id: 'till', settings: { shop: 'acme.myshopify.com', country: 'DE' }, secrets: { secret: 'shop-secret' } });
    const { portalId, apiBaseUrl, ...hubspotSecrets } = hubspot.settings;
    await host.seed.source({ pluginId: 'hubspot', capability: 'webhooks', id: 'crm', settings: { portalId, apiBaseUrl }, secrets: hubspotSecrets });
    expect(host.configuration.problems()).toEqual([]);
  });
  afterAll(async () => {
    await host.stop();
    await hubspot.close();
  });
  beforeEach(() => host.connected.collections.inbox.deleteMany({}));

  const stored = async (): Promise<StoredRecord[]> => (await host.connected.collections.inbox.find({}).toArray()).flatMap(({ records }) => JSON.parse(records) as StoredRecord[]);
  const post = (path: string, body: string, headers: Record<string, string> = {}) => answered(fetch(host.url + path, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body }));
  const REFUSED = { status: 401, text: expect.stringContaining('"code":"INVALID_SIGNATURE"') as unknown };

  describe("WeChat's message push", () => {
    const pushed = (message: string, keys: typeof WECHAT) => push(`${host.url}/hooks/pushes`, message, keys);

    it('has its address checked: the echo comes back to whoever knows the token', async () => {
      const [timestamp, nonce] = [now(), 'n1'];
      const ask = async (token: string): Promise<[number, string]> => {
        const signature = createHash('sha1').update([token, timestamp, nonce].sort().join('')).digest('hex');
        const response = await fetch(`${host.url}/hooks/pushes?${new URLSearchParams({ signature, timestamp, nonce, echostr: '5927782489442352469' }).toString()}`);
        return [response.status, await response.text()];
      };
      expect(await ask(WECHAT.token)).toEqual([200, '5927782489442352469']);
      expect((await ask('guessed'))[0]).toBe(401);
    });

    it.each([['XML', subscriptionMessage, 2], ['JSON', subscriptionMessageJson, 1]])('is decrypted and stored: %s', async (_format, message, count) => {
      expect(await pushed(message, WECHAT)).toMatchObject({ status: 200 });
      const records = await stored();
      expect(records.map(({ fault, isVerified }) => [fault, isVerified])).toEqual(Array.from({ length: count }, () => [null, true]));
      expect(records[0]?.record).toMatchObject({ identities: [{ namespace: 'openid', value: `${WECHAT.appId}:oExampleSubscriber0000000001` }] });
    });

    it.each([
      ['for another mini-program', () => pushed(subscriptionMessage, { ...WECHAT, appId: 'wx0000000000000000' })],
      ['signed with another token', () => pushed(subscriptionMessage, { ...WECHAT, token: 'guessed' })],
      ['in the clear', () => post('/hooks/pushes', subscriptionMessage, { 'content-type': 'text/xml' })],
    ])('is refused %s', async (_what, send) => {
      expect(await send()).toMatchObject(REFUSED);
      expect(await stored()).toEqual([]);
    });
  });

  it("takes what the mini-program's client file sends, as it sends it", async () => {
    const { writeKey } = await host.seed.source({ pluginId: 'wechat-mini-program', capability: 'client-events', settings: { appId: WECHAT.appId }, secrets: { appSecret: 'app-secret' } });
    const wx = new FakeWx();
    const answers: Promise<number>[] = [];
    // WeChat's own sends JSON too, and tells the status.
    wx.request = ({ url, data, success }) => {
      const sent = fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(data) });
      answers.push(sent.then(({ status }) => { success({ statusCode: status }); return status; }));
    };
    const firsthand = createFirsthand({ endpoint: host.url, writeKey, wx, flushIntervalMs: 50 });
    firsthand.start();
    firsthand.setConsent({ analytics: true });
    firsthand.screen('Cart', {});
    firsthand.track('Product Viewed', { sku: 's-1' });
    firsthand.flush();
    const records = await until(stored, (all) => all.some(({ raw }) => raw.event === 'Product Viewed'));
    expect(new Set(await Promise.all(answers))).toEqual(new Set([200]));
    expect(records.map(({ fault }) => fault)).toEqual(records.map(() => null));
    expect(records.map(({ raw }) => raw.event ?? raw.name ?? raw.type)).toEqual(expect.arrayContaining(['Application Opened', 'Cart', 'Product Viewed']));
    expect(JSON.stringify(records)).not.toContain(writeKey);
  });

  describe("Shopify's webhooks", () => {
    const told = (body: string, secret = 'shop-secret', sent = body) => post('/hooks/till', sent, {
      'x-shopify-topic': 'orders/paid', 'x-shopify-shop-domain': 'acme.myshopify.com', 'x-shopify-hmac-sha256': createHmac('sha256', secret).update(body).digest('base64'),
    });

    it('are stored with money in minor units and phones by the country of the store', async () => {
      expect(await told(JSON.stringify({ ...orderPaid, customer: { ...orderPaid.customer, phone: '030 12345678' } }))).toMatchObject({ status: 200 });
      expect(await stored()).toMatchObject([{ fault: null, isVerified: true, record: { name: 'Order Completed', order: { total: { amountMinor: 12470, currency: 'EUR' } } } }]);
      // An id of the shop is told apart from the same number of another shop.
      expect((await stored())[0]?.record?.identities).toEqual(expect.arrayContaining([{ namespace: 'phone', value: '+493012345678' }, { namespace: 'customerId', value: `shopify:acme.myshopify.com:${orderPaid.customer.id}` }]));
    });

    it('are refused where anything in them was changed, and with another secret', async () => {
      const body = JSON.stringify(orderPaid);
      expect(await told(body, 'shop-secret', body.replace('124.70', '0.01'))).toMatchObject(REFUSED);
      expect(await told(body, 'guessed')).toMatchObject(REFUSED);
      expect(await stored()).toEqual([]);
    });
  });

  describe("HubSpot's webhooks", () => {
    const told = ({ address = PUBLIC_URL, at = Date.now() } = {}) => {
      const { headers, body } = hubspot.signWebhook({ url: `${address}/hooks/crm`, events: [hubspot.event('contact.propertyChange', '1', { propertyName: 'city', propertyValue: 'Berlin' })], at });
      return post('/hooks/crm', body, headers);
    };

    it('are signed over the public address, not over the one that the host listens on', async () => {
      expect(await told()).toMatchObject({ status: 200 });
      expect(await stored()).toHaveLength(1);
      expect(await told({ address: host.url })).toMatchObject(REFUSED);
    });

    it('are refused after five minutes', async () => {
      expect(await told({ at: Date.now() - 295_000 })).toMatchObject({ status: 200 });
      expect(await told({ at: Date.now() - 301_000 })).toMatchObject(REFUSED);
    });
  });
});

it("HubSpot's contacts are polled from where the host before left off, and what is corrected there goes back to the contact by its id, once", async () => {
  let aheadMs = 0;
  const hubspot = await startFakeHubspot({ now: () => Date.now() + aheadMs });
  hubspot.addContact({ email: 'ana@example.com' }, Date.now() - 7_200_000);
  hubspot.addContact({ email: 'bo@example.com' }, Date.now() - 3_600_000);
  const searchedSince = (): number[] => hubspot.requests.filter(({ path }) => path.endsWith('/search')).map(({ text }) => Number((JSON.parse(text) as { filterGroups: { filters: { value: string }[] }[] }).filterGroups[0]?.filters[0]?.value));
  const first = await startHost({ keepDatabase: true });
  const { portalId, apiBaseUrl, ...secrets } = hubspot.settings;
  await first.seed.source({ pluginId: 'hubspot', capability: 'contacts', id: 'crm', settings: { portalId, apiBaseUrl }, secrets });
  const people = (host: TestHost, count: number) => until(() => host.connected.collections.profiles.countDocuments({}), (found) => found >= count);
  expect(await people(first, 2)).toBe(2);
  expect(searchedSince()).toEqual([0]);
  expect(await until(() => first.connected.collections.lanes.countDocuments({ cursor: { $exists: true } }), (count) => count === 1)).toBe(1);
  await first.stop();

  // Before there is a host: it polls when it starts, and then not for minutes.
  hubspot.addContact({ email: 'cy@example.com' });
  const second = await startHost({ databaseName: first.databaseName, clock: () => Date.now() + 400_000 });
  try {
    expect(await people(second, 3)).toBe(3);
    expect(Math.min(...searchedSince().slice(1))).toBeGreaterThan(Date.now() - 3_700_000);
    expect(await second.connected.collections.events.countDocuments({})).toBe(3);
    aheadMs = 400_000;
    await correctedPhone(second, hubspot);
  } finally {
    await second.stop();
    await hubspot.close();
  }
});

/** A user of HubSpot corrects a phone: it comes in by webhook, is made E.164, and goes out to the same contact; what that write makes HubSpot tell starts nothing. */
async function correctedPhone(host: TestHost, hubspot: FakeHubspot): Promise<void> {
  const { profiles, deliveries, events } = host.connected.collections;
  const { portalId, apiBaseUrl, ...secrets } = hubspot.settings;
  await host.seed.source({ pluginId: 'hubspot', capability: 'webhooks', id: 'hooks', settings: { portalId, apiBaseUrl }, secrets });
  await host.seed.destination({ pluginId: 'hubspot', id: 'crm-out', settings: { portalId, apiBaseUrl }, secrets });
  await host.seed.flow({ purpose: 'service', trigger: { type: 'profile', fields: ['phone'] }, steps: [{ id: 'write', type: 'deliver', connectionId: 'crm-out', action: 'upsert-contact' }] });
  const id = hubspot.contacts.get('bo@example.com')?.id ?? '';
  hubspot.subscribe({ url: `${host.url}/hooks/hooks` });
  hubspot.editContact(id, { phone: '030 12345678', country: 'Germany', email: 'bo.new@example.com' });
  expect(await until(() => hubspot.contact(id)?.properties.phone, (phone) => phone === '+493012345678')).toBe('+493012345678');
  // Three changes of theirs; of our write the phone and the country, which is written as a code.
  expect(await until(() => events.countDocuments({ connectionId: 'hooks' }), (count) => count >= 5)).toBe(5);
  await hubspot.webhooksSettled();
  expect(await until(() => deliveries.countDocuments({ state: { $ne: 'delivered' } }), (open) => open === 0)).toBe(0);
  expect(await deliveries.countDocuments({})).toBe(1);
  expect(await profiles.findOne({ 'identities.value': `hubspot:62515:${id}` })).toMatchObject({ fields: { phone: { value: '+493012345678' }, email: { value: 'bo.new@example.com' } } });
  const writes = hubspot.requests.filter(({ path }) => /batch\/(?:update|upsert)$/.test(path)).map(({ path, text }) => [path.split('/').at(-1), (JSON.parse(text) as { inputs: object[] }).inputs]);
  expect(writes).toEqual([['update', [{ id, objectWriteTraceId: '0', properties: { email: 'bo.new@example.com', phone: '+493012345678', country: 'DE' } }]]]);
  expect([...hubspot.contacts.keys()].sort()).toEqual(['ana@example.com', 'bo.new@example.com', 'cy@example.com']);
}

it('apps of one WeChat account tell of one person by the unionid, whose openid at each is another; the same openid at two apps is two people', async () => {
  const host = await startHost();
  try {
    const apps = { shop: { ...WECHAT, appId: 'wx00000000000000a1' }, club: { ...WECHAT, appId: 'wx00000000000000b2' } };
    for (const [id, { appId, ...secrets }] of Object.entries(apps)) await host.seed.source({ pluginId: 'wechat-mini-program', capability: 'messages', id, settings: { appId }, secrets });
    expect(host.configuration.problems()).toEqual([]);
    const told = async (app: keyof typeof apps, OpenID: string, UnionID: string) => (
      await push(`${host.url}/hooks/${app}`, JSON.stringify({ ToUserName: 'gh_1', FromUserName: 'oWeChatPushService', CreateTime: now(), MsgType: 'event', Event: 'user_info_modified', OpenID, UnionID }), apps[app])).status;
    expect([await told('shop', 'oAna', 'uAna'), await told('club', 'oAnaToo', 'uAna'), await told('club', 'oAna', 'uBo')]).toEqual([200, 200, 200]);
    const { events, profiles } = host.connected.collections;
    expect(await until(() => events.countDocuments({}), (count) => count === 3)).toBe(3);
    const people = (await profiles.find({}).toArray()).map(({ identities }) => identities.map(({ namespace, value }) => `${namespace} ${value}`).sort());
    expect(people.sort()).toEqual([['openid wx00000000000000a1:oAna', 'openid wx00000000000000b2:oAnaToo', 'unionid uAna'], ['openid wx00000000000000b2:oAna', 'unionid uBo']]);
  } finally {
    await host.stop();
  }
});
