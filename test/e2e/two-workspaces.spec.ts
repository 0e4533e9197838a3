import { createHmac, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { workspaceCommand } from '../../apps/host/src/boot/workspace-command.js';
import { orderPaid } from '../../plugins/shopify-pos/src/fixtures/order-paid.js';
import { logIn, type AdminClient } from '../support/admin-client.js';
import { startHost, type TestHost } from '../support/start-host.js';
import { until } from '../support/until.js';
import { startVendorServer, type VendorServer } from '../support/vendor-server.js';

/** Two brands on one installation, the second a copy of the first: all of their ids are the same, and nothing of one reaches the other. */
interface Brand { workspaceId: string; owner: AdminClient; receiver: VendorServer; writeKey: string; tillSecret: string; userTokenKey: { id: string; secret: string } }

const OWNER = 'owner@outlet.example';
const CRM_SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
let host: TestHost;
let printed: string[];
let main: Brand;
let outlet: Brand;

const make = async (given: { id?: string; owner?: string; name?: string }, database = host.databaseName): Promise<number> => {
  printed = [];
  return workspaceCommand({ mongodbUri: process.env.MONGODB_URI ?? '', database, ...given, print: (line) => void printed.push(line) });
};

beforeAll(async () => {
  host = await startHost();
  const receivers = [await startVendorServer(() => ({ status: 204 })), await startVendorServer(() => ({ status: 204 }))] as const;
  const owner = await logIn(host.url, host.firstRun?.ownerEmail ?? '', host.firstRun?.ownerPassword ?? '');
  const { seed } = host;
  await seed.purpose('care', { lawfulBasis: 'contract' });
  const agreementId = await seed.agreement(['care'], { id: 'notice' });
  await seed.source({ pluginId: 'web', capability: 'events', id: 'shop', agreementId, profilePurpose: 'care' });
  await seed.source({ pluginId: 'shopify-pos', capability: 'orders', id: 'till', agreementId, settings: { shop: 'acme.myshopify.com', country: 'DE' }, secrets: { secret: 'main-till' } });
  await seed.destination({ pluginId: 'webhook', id: 'crm', settings: { url: `${receivers[0].url}/hook` }, secrets: { secret: CRM_SECRET } });
  await seed.flow({ flowId: 'tell', purpose: 'care', trigger: { type: 'event', name: 'Asked' }, steps: [{ id: 'send', type: 'deliver', connectionId: 'crm', action: 'send-event' }] });

  expect(await make({ id: 'outlet', owner: 'Owner@Outlet.example', name: 'Outlet' })).toBe(0);
  const password = /^Sign in as owner@outlet\.example with the password (\S+) /.exec(printed[0] ?? '')?.[1] ?? '';
  await until(() => host.configuration.workspaceIds(), (ids) => ids.includes('outlet'));
  const theirs = await logIn(host.url, OWNER, password);
  const { body: { documents } } = await owner.get('/configuration');
  const copied = (documents as { kind: string; id: string; content: Record<string, unknown> }[]).map((document) => (document.id === 'crm' ? { ...document, content: { ...document.content, settings: { url: `${receivers[1].url}/hook` } } } : document));
  const imported = await theirs.post('/configuration', { documents: copied, deletesOthers: false, secrets: { crm: { secret: CRM_SECRET }, till: { secret: 'outlet-till' } } });
  expect([imported.status, imported.body.errors]).toEqual([200, undefined]);
  main = await brand(host.workspaceId, owner, receivers[0], 'main-till');
  outlet = await brand('outlet', theirs, receivers[1], 'outlet-till');
});
afterAll(async () => {
  await host.stop();
  await Promise.all([main, outlet].map(({ receiver }) => receiver.close()));
});

async function brand(workspaceId: string, owner: AdminClient, receiver: VendorServer, tillSecret: string): Promise<Brand> {
  const { body: { writeKey } } = await owner.post('/connections/shop/write-keys', { name: 'Server', kind: 'secret' });
  const { body: userTokenKey } = await owner.post('/connections/shop/user-token-keys', { name: 'Server' });
  await host.configuration.refresh();
  return { workspaceId, owner, receiver, writeKey: String(writeKey), tillSecret, userTokenKey: userTokenKey as Brand['userTokenKey'] };
}

async function ask({ writeKey }: Brand, userId: string): Promise<void> {
  const event = { type: 'track', event: 'Asked', userId, context: { traits: { firstName: userId } }, messageId: randomUUID(), timestamp: new Date().toISOString() };
  expect((await fetch(`${host.url}/v1/batch`, { method: 'POST', headers: { authorization: `Basic ${btoa(`${writeKey}:`)}`, 'content-type': 'application/json' }, body: JSON.stringify({ batch: [event] }) })).status).toBe(200);
}

const toldTo = ({ receiver }: Brand, userId: string): number => receiver.requests.filter(({ text }) => text.includes(`"${userId}"`)).length;
const pendingOf = async ({ owner }: Brand): Promise<number> => ((await owner.get('/deliveries?connectionId=crm&state=pending')).body.items as object[]).length;
const change = async ({ owner }: Brand, to: 'pause' | 'enable'): Promise<void> => {
  expect((await owner.post(`/connections/crm/${to}`)).status).toBe(200);
};

const post = async (path: string, secret: string): Promise<number> => {
  const body = JSON.stringify(orderPaid);
  return (await fetch(`${host.url}/hooks/${path}`, { method: 'POST', headers: {
    'content-type': 'application/json', 'x-shopify-topic': 'orders/paid', 'x-shopify-shop-domain': 'acme.myshopify.com', 'x-shopify-hmac-sha256': createHmac('sha256', secret).update(body).digest('base64'),
  }, body })).status;
};

it.each<[string, { id?: string; owner?: string }, RegExp]>([
  ['without an id', { owner: OWNER }, /^REFUSED: --id: is missing/], ['of an id that could stand in no address', { id: 'a b', owner: OWNER }, /^REFUSED: --id: must be 1 to 64/],
  ['without an owner', { id: 'x' }, /^REFUSED: --owner: is missing/], ['of an owner without an address', { id: 'x', owner: 'somebody' }, /^REFUSED: --owner: /],
  ['that is there', { id: 'outlet', owner: OWNER }, /^REFUSED: There is a workspace "outlet"\.$/],
])('makes no workspace %s', async (_what, given, told) => {
  expect([await make(given), printed]).toEqual([1, [expect.stringMatching(told)]]);
});

it('makes no workspace where no host has begun', async () => {
  expect([await make({ id: 'x', owner: OWNER }, `nothing-${randomUUID()}`), printed]).toEqual([1, [expect.stringMatching(/holds no workspace: start a host on it first\.$/)]]);
});

it('sends what is asked of one to its own system alone', async () => {
  await ask(main, 'ana');
  await ask(outlet, 'bo');
  await until(() => [toldTo(main, 'ana'), toldTo(outlet, 'bo')], (counts) => counts.every((count) => count > 0));
  expect([toldTo(main, 'ana'), toldTo(outlet, 'bo'), toldTo(main, 'bo'), toldTo(outlet, 'ana')]).toEqual([1, 1, 0, 0]);
  const text = await until(async () => (await fetch(`${host.url}/metrics`)).text(), (all) => ['main', 'outlet'].every((id) => all.includes(`{workspace="${id}",connection="crm",outcome="delivered",reason=""} 1`)));
  for (const { workspaceId } of [main, outlet]) expect(text).toContain(`firsthand_deliveries_total{workspace="${workspaceId}",connection="crm",outcome="delivered",reason=""} 1`);
});

it('pauses the connection of one alone, and works its lane again', async () => {
  await change(main, 'pause');
  await ask(main, 'cy');
  await ask(outlet, 'di');
  await until(() => toldTo(outlet, 'di'), (count) => count > 0);
  expect([toldTo(outlet, 'di'), toldTo(main, 'cy'), await until(() => pendingOf(main), (count) => count > 0), await pendingOf(outlet)]).toEqual([1, 0, 1, 0]);
  await change(main, 'enable');
  expect(await until(() => toldTo(main, 'cy'), (count) => count > 0)).toBe(1);
});

it('takes webhooks at the address of each, by its own secret; the short address is whose connection is the oldest', async () => {
  for (const { workspaceId, tillSecret } of [main, outlet]) expect([await post(`${workspaceId}/till`, tillSecret), await post(`${workspaceId}/till`, 'another')]).toEqual([200, 401]);
  expect([await post('till', main.tillSecret), await post('till', outlet.tillSecret), await post('nobody/till', main.tillSecret), await post('outlet/none', main.tillSecret)]).toEqual([200, 401, 404, 404]);
});

it('tells who is signed in with one what that one knows, for each by its own key', async () => {
  const me = async (userId: string, { userTokenKey: { id, secret } }: Brand): Promise<{ status: number; body: Record<string, unknown> }> => {
    const token = await new SignJWT({ sub: userId }).setProtectedHeader({ alg: 'HS256', kid: id }).setAudience('shop').setIssuedAt().setExpirationTime('10m').sign(new TextEncoder().encode(secret));
    const response = await fetch(`${host.url}/v1/me`, { headers: { authorization: `Bearer ${token}` } });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  await until(() => me('bo', outlet), ({ body }) => body.isKnown === true);
  expect(await Promise.all([me('ana', main), me('bo', outlet), me('bo', main), me('ana', outlet)])).toMatchObject([true, true, false, false].map((isKnown) => ({ status: 200, body: { isKnown } })));
  expect(await me('ana', { ...main, userTokenKey: { id: main.userTokenKey.id, secret: outlet.userTokenKey.secret } })).toMatchObject({ status: 401 });
});

it('deletes the connection of one, and the other goes on', async () => {
  expect((await main.owner.post('/connections/till/pause')).status).toBe(200);
  const { body: { version } } = await main.owner.get('/connections/till');
  // What came of it is applied first.
  const deleted = await until(async () => (await main.owner.call('DELETE', '/connections/till', { ifMatch: version })).status, (status) => status !== 409);
  expect([deleted, await post('main/till', main.tillSecret), await post('outlet/till', outlet.tillSecret), await post('till', outlet.tillSecret)]).toEqual([204, 404, 200, 200]);
  expect((await main.owner.get('/connections/till')).status).toBe(404);
  expect((await outlet.owner.get('/connections/till')).status).toBe(200);
  const again = await main.owner.post('/connections', { id: 'till', name: 'Till', kind: 'source', pluginId: 'shopify-pos', capability: 'orders', settings: { shop: 'acme.myshopify.com', country: 'DE', secret: 'again' } });
  expect([again.status, again.body.errors]).toEqual([201, undefined]);
});
