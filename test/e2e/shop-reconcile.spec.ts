import { logIn, type AdminClient } from '../support/admin-client.js';
import { startFakeShopify, type FakeShopify } from '../support/fake-shopify.js';
import { startHost, type TestHost } from '../support/start-host.js';
import { until } from '../support/until.js';

/** What a Shopify shop holds against what we hold, over REST as an admin would: what staff did while nobody told of it. */
interface Finding {
  kind: string;
  reason: string;
  consent: string | null;
  profileId: string | null;
  fields: { field: string }[];
  state: string;
}
interface Reconcile {
  id: string;
  state: string;
  code: string | null;
  counts: Record<string, number>;
  unread: string[];
}

let host: TestHost;
let owner: AdminClient;
let shopify: FakeShopify;
let siteKey = '';

beforeAll(async () => {
  [host, shopify] = await Promise.all([startHost(), startFakeShopify()]);
  owner = await logIn(host.url, host.firstRun?.ownerEmail ?? '', host.firstRun?.ownerPassword ?? '');
  await host.seed.purpose('care', { fields: ['profile.*', 'identities.*'], separateConsent: [] });
  await host.seed.purpose('orders', { lawfulBasis: 'contract', separateConsent: [] });
  const agreementId = await host.seed.agreement(['care', 'orders'], { id: 'terms' });
  siteKey = (await host.seed.source({ pluginId: 'web', capability: 'events', id: 'site', agreementId })).secretKey;
  const { shop, secret, accessToken, apiBaseUrl } = shopify.settings;
  await made('/connections', {
    kind: 'both', id: 'store', name: 'Store', pluginId: 'shopify-pos', capability: 'orders', settings: { shop, secret, accessToken, apiBaseUrl },
    provenance: { collection: 'first-party', statement: 'Our own.' }, agreementId, recipient: 'processor', country: 'DE',
  });
  expect((await owner.post('/connections/store/enable', {})).status).toBe(200);
  const fields = [{ field: 'profile.phone', to: 'phone' }, { field: 'profile.firstName', to: 'firstName' }];
  await made('/sync-rules', { id: 'store', rule: { name: 'Customers', connectionId: 'store', action: 'customer', purpose: 'care', fields } });
  await host.configuration.refresh();
  expect(host.configuration.problems()).toEqual([]);
  await Promise.all(['ana', 'bo', 'cy', 'dee', 'eve', 'fay'].map((name, at) => person(name, `+49301234560${at}`, { agrees: name !== 'eve' })));
  expect(await until(() => namesIn(shopify), (names) => names.length === 5)).toEqual(['ana', 'bo', 'cy', 'dee', 'fay']);
  await quiet();
}, 60_000);
afterAll(async () => {
  await host?.stop();
  await shopify?.close();
});

async function made(path: string, body: object): Promise<Record<string, unknown>> {
  const answer = await owner.post(path, body);
  expect([path, answer.status < 300 ? '' : JSON.stringify(answer.body)]).toEqual([path, '']);
  return answer.body as Record<string, unknown>;
}

const decide = (name: string, decision: 'granted' | 'withdrawn') => made('/consents', {
  identity: { namespace: 'email', value: `${name}@example.com` }, agreement: { agreementId: 'terms', version: 1, language: 'en' }, decisions: [{ purpose: 'care', decision }],
});

async function person(name: string, phone: string, { agrees }: { agrees: boolean }): Promise<void> {
  const headers = { authorization: `Basic ${Buffer.from(`${siteKey}:`).toString('base64')}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ userId: name, traits: { email: `${name}@example.com`, phone, firstName: name } });
  expect((await fetch(`${host.url}/v1/identify`, { method: 'POST', headers, body })).status).toBe(200);
  await until(() => profileOf(name), (profile) => profile !== null);
  if (agrees) await decide(name, 'granted');
}

const profileOf = (name: string) => host.connected.collections.profiles.findOne({ 'identities.value': `${name}@example.com` });
const customerOf = (name: string) => [...shopify.customers.byId.values()].find(({ email }) => email === `${name}@example.com`);
const namesIn = ({ customers }: FakeShopify): string[] => [...customers.byId.values()].map(({ firstName }) => firstName ?? '').sort();

/** Nothing is left to do. What the shop would tell of it nobody hears: its webhooks are off. */
async function quiet(): Promise<void> {
  const { inbox, deliveries, inFlight } = host.connected.collections;
  const left = async () => (await inbox.countDocuments({})) + (await inFlight.countDocuments({})) + (await deliveries.countDocuments({ state: 'pending' }));
  expect(await until(left, (count) => count === 0)).toBe(0);
}

beforeEach(() => {
  shopify.requests.length = 0;
  // What one has asked of the shop is not what the next waits for.
  shopify.bucket.available = shopify.bucket.maximum;
});

const read = async (id: unknown): Promise<Reconcile> => (await owner.get(`/sync-rules/store/reconciles/${String(id)}`)).body as unknown as Reconcile;

async function reconcile(repair: string): Promise<Reconcile> {
  const { id } = await made('/sync-rules/store/reconciles', { repair });
  return until(() => read(id), ({ state }) => state !== 'running');
}

/** `who: kind reason (consent), field …: state`, in order. */
async function findingsOf({ id }: Reconcile): Promise<string[]> {
  const { items } = (await owner.get(`/sync-rules/store/reconciles/${id}/findings`)).body as unknown as { items: Finding[] };
  const profiles = new Map((await host.connected.collections.profiles.find({}).toArray()).map(({ profileId, identities }) => [profileId, identities.find(({ namespace }) => namespace === 'userId')?.value ?? '?']));
  return items.map(({ kind, reason, consent, profileId, fields, state }) => (
    `${profileId === null ? 'nobody' : profiles.get(profileId) ?? '?'}: ${[kind, reason, ...(consent === null ? [] : [consent]), ...fields.map(({ field }) => field)].join(' ')}: ${state}`)).sort();
}

/** The changes that were made in the shop over the API since it was quiet, by the names of the API. */
const writes = (): string[] => shopify.requests.flatMap(({ text }) => [...(JSON.parse(text) as { query: string }).query.matchAll(/c\d+: (customer(?!By)\w+)/g)].map(([, field]) => field ?? '')).sort();

it('finds who is missing, extra or different in the shop, and writes nothing', async () => {
  shopify.edit(customerOf('ana')?.id ?? 0, { phone: '030 88888801', firstName: 'Ana ' });
  shopify.customers.delete(customerOf('bo')?.id ?? 0);
  await decide('cy', 'withdrawn');
  await quiet();
  expect(writes()).toEqual(['customerRequestDataErasure']);
  shopify.requests.length = 0;
  shopify.add({ email: 'eve@example.com', firstName: 'eve', phone: '030 88888802' });
  shopify.add({ email: 'zoe@example.com', firstName: 'zoe' });
  const found = await reconcile('none');
  expect(found).toMatchObject({ state: 'done', code: null, unread: [], counts: { listed: 6, unreadable: 0, equal: 2, different: 1, missing: 1, extra: 3 } });
  expect(await findingsOf(found)).toEqual([
    'ana: different fields-differ phone: reported', 'bo: missing gone-there: reported', 'cy: extra no-consent consent-withdrawn: reported', 'eve: extra no-consent no-consent: reported', 'nobody: extra unknown-here: reported',
  ]);
  await quiet();
  expect(writes()).toEqual([]);
});

it('writes ours there, and nothing of whom consent forbids', async () => {
  const pushed = await reconcile('push-ours');
  await quiet();
  expect(writes()).toEqual(['customerRequestDataErasure', 'customerSet', 'customerSet']);
  expect(pushed).toMatchObject({ state: 'done', counts: { different: 1, missing: 1, extra: 3 } });
  expect(await until(() => namesIn(shopify), (names) => names.includes('bo'))).toEqual(['Ana', 'bo', 'cy', 'dee', 'eve', 'fay', 'zoe']);
  expect([customerOf('ana')?.phone, customerOf('bo')?.phone, customerOf('eve')?.phone]).toEqual(['+493012345600', '+493012345601', '+493088888802']);
  // Who has withdrawn was asked to be erased when they did, and is once more: the shop has them still. Of who never agreed nothing went there that could name them.
  expect([...shopify.customers.toErase]).toEqual([customerOf('cy')?.id]);
  expect((await findingsOf(pushed)).filter((finding) => /^(eve|nobody)/.test(finding))).toEqual(['eve: extra no-consent no-consent: left', 'nobody: extra unknown-here: left']);
  expect(await reconcile('none')).toMatchObject({ state: 'done', counts: { different: 0, missing: 0, extra: 3 } });
});

it('takes theirs in, of whom we do not know too, and no yes with it', async () => {
  const { consents } = host.connected.collections;
  const before = await consents.countDocuments({});
  shopify.edit(customerOf('dee')?.id ?? 0, { phone: '030 88888803' });
  const zoe = [...shopify.customers.byId.values()].find(({ firstName }) => firstName === 'zoe');
  if (zoe !== undefined) shopify.customers.changeConsent(zoe, 'email', { state: 'SUBSCRIBED', optInLevel: 'SINGLE_OPT_IN' }, Date.now());
  expect(await reconcile('take-theirs')).toMatchObject({ state: 'done', counts: { different: 1, missing: 0 } });
  expect(await until(async () => (await profileOf('dee'))?.fields.phone?.value, (phone) => phone === '+493088888803')).toBe('+493088888803');
  expect((await until(() => profileOf('zoe'), (profile) => profile !== null))?.fields.firstName).toMatchObject({ value: 'zoe', source: 'store' });
  await quiet();
  // The one erasure is theirs who has withdrawn.
  expect(writes()).toEqual(['customerRequestDataErasure']);
  expect(customerOf('dee')?.phone).toBe('+493088888803');
  expect((await profileOf('eve'))?.fields.phone).toMatchObject({ value: '+493012345604' });
  expect(await consents.countDocuments({})).toBe(before);
});

it('takes in what staff have emptied, which no webhook or list can say by itself, and finds nothing then', async () => {
  shopify.edit(customerOf('fay')?.id ?? 0, { phone: null, firstName: null });
  expect(await findingsOf(await reconcile('none'))).toContain('fay: different fields-differ phone firstName: reported');
  expect((await profileOf('fay'))?.fields).toMatchObject({ phone: { value: '+493012345605' }, firstName: { value: 'fay' } });
  const taken = await reconcile('take-theirs');
  expect(await findingsOf(taken)).toContain('fay: different fields-differ phone firstName: repaired');
  expect(await until(async () => (await profileOf('fay'))?.fields.phone?.value ?? null, (phone) => phone === null)).toBeNull();
  expect((await profileOf('fay'))?.fields.firstName?.value ?? null).toBeNull();
  await quiet();
  expect(writes().filter((write) => write === 'customerSet')).toEqual([]);
  expect(customerOf('fay')).toMatchObject({ phone: null, firstName: null });
  expect(await reconcile('none')).toMatchObject({ state: 'done', counts: { different: 0, missing: 0 } });
});

it('is refused by its code where the app may not read protected customer data, and nobody is missing', async () => {
  const denied = { message: 'This app is not approved to access the Customer object. See https://partners.shopify.com/1/apps/2/customer_data for more details.', path: ['customers'] };
  shopify.script({ answer: { status: 200, json: { data: { customers: null }, errors: [denied] } } });
  const refused = await reconcile('push-ours');
  expect(refused).toMatchObject({ state: 'listing-refused', code: 'INVALID_CREDENTIALS', counts: { listed: 0, missing: 0, extra: 0 } });
  expect(await findingsOf(refused)).toEqual([]);
  await quiet();
  expect(writes()).toEqual([]);
  expect(await reconcile('none')).toMatchObject({ state: 'done', counts: { missing: 0 } });
});

it('shows at the rule that nothing is sent to its connection, whoever has stopped that', async () => {
  const rule = async () => (await owner.get('/sync-rules/store')).body as unknown as { problem: { code: string; message: string } | null };
  expect((await rule()).problem).toBeNull();
  expect((await owner.post('/connections/store/pause', {})).status).toBe(200);
  const problem = { code: 'CONNECTION_DISABLED', message: expect.stringContaining('store') };
  expect((await rule()).problem).toEqual(problem);
  const fields = [{ field: 'profile.lastName', to: 'lastName' }];
  expect((await made('/sync-rules', { id: 'names', rule: { name: 'Names', connectionId: 'store', action: 'customer', purpose: 'care', fields } })).problem).toEqual(problem);
  expect((await owner.post('/connections/store/enable', {})).status).toBe(200);
  expect((await rule()).problem).toBeNull();
  // As the host does once the destination has answered that it is gone.
  const { content, version } = await host.repository.get('connections', host.workspaceId, 'store');
  await host.repository.update('connections', host.workspaceId, 'store', version, { ...(content as object), disabled: { reason: 'gone', at: Date.now() } }, Date.now());
  await host.configuration.refresh();
  expect((await rule()).problem).toEqual(problem);
});
