import { InvalidCredentials, InvalidPayload, RateLimited, RetryableError, type JsonObject, type RecordPage } from '@firsthand/plugin-sdk';
import { mapRecord } from '@firsthand/plugin-testing';
import { startFakeShopify, type FakeShopify, type FakeShopifyOptions } from '../../../../test/support/fake-shopify.js';
import { fetchHttpClient } from '../../../../test/support/fetch-http-client.js';
import { customer } from '../destinations/customer.js';
import { orders } from '../orders.js';
import { testConnection } from '../test-connection.js';

const NOW = Date.UTC(2026, 10, 24, 8);
const log = { info: () => undefined, warn: () => undefined };
let shopify: FakeShopify;

beforeEach(async () => void (shopify = await startFakeShopify({ now: () => NOW })));
afterEach(() => shopify.close());

const context = (settings: object = {}, shop = shopify) => ({ settings: { ...shop.settings, ...settings }, http: fetchHttpClient(), log, signal: new AbortController().signal, now: NOW });

async function list(cursor: string | null, fields: readonly string[] = ['phone'], of = context()): Promise<RecordPage> {
  return (await customer.listRecords?.page({ ...of, cursor, fields })) ?? { records: [], next: null };
}

async function listAll(): Promise<JsonObject[]> {
  const bodies: JsonObject[] = [];
  for (let cursor: string | null = null, isOver = false; !isOver;) {
    const { records, next }: RecordPage = await list(cursor);
    bodies.push(...records.map((record) => (record as { body: JsonObject }).body));
    [cursor, isOver] = [next, next === null];
  }
  return bodies;
}

/** The query and variables of the last request. */
const asked = (): { query: string; variables: JsonObject } => JSON.parse(shopify.requests.at(-1)?.text ?? '{}') as { query: string; variables: JsonObject };
const idsOf = (page: RecordPage): unknown[] => page.records.map((record) => (record as { body: JsonObject }).body.id);

/** Asks a shop that answers in its own way. */
async function ofShop<T>(options: FakeShopifyOptions, ask: (shop: FakeShopify) => Promise<T>): Promise<T> {
  const shop = await startFakeShopify({ now: () => NOW, ...options });
  try {
    shop.add({ email: 'ana@example.com', phone: '+493012345678', firstName: 'Ana' });
    return await ask(shop);
  } finally {
    await shop.close();
  }
}

describe('customer: the listing', () => {
  it('gives each customer once, in pages, while customers are made, changed and deleted', async () => {
    const ids = Array.from({ length: 150 }, (_, number) => shopify.add({ email: `p${number}@example.com` }).id);
    const first = await list(null);
    // The last one of the page is gone, and the first was changed: a list by time would begin anew, one by position skip somebody.
    shopify.customers.delete(ids[99] ?? 0);
    shopify.edit(ids[0] ?? 0, { firstName: 'Ana' });
    shopify.customers.delete(ids[120] ?? 0);
    const second = await list(first.next);
    expect([first.records.length, second.records.length, second.next]).toEqual([100, 49, null]);
    expect(new Set([...idsOf(first), ...idsOf(second)]).size).toBe(149);
    expect(await list(first.next)).toEqual(second);
    expect(asked()).toMatchObject({ query: expect.stringContaining('sortKey: ID') as unknown, variables: { first: 100, after: first.next } });
  });

  it('asks for what it has to compare and for who it is, and for no name besides', async () => {
    shopify.add({ email: 'ana@example.com' });
    await list(null, ['phone', 'customerId', 'matchEmail']);
    expect(asked().query).not.toMatch(/firstName|lastName|locale|note|metafield|address1/);
    await list(null, ['firstName', 'lastName', 'locale', 'note', 'metafields.loyalty.level'], context({ memberNoFrom: 'metafield', memberNoKey: 'loyalty.member_no' }));
    expect(asked().query).toMatch(/ firstName lastName locale note m0: metafield/);
    expect(asked().variables).toMatchObject({ namespace0: 'loyalty', key0: 'level', namespace1: 'loyalty', key1: 'member_no' });
  });

  it('is read by the source as the webhook of the same customer is', async () => {
    const { id } = shopify.add({ email: 'Ana@example.com', phone: '030 12345678', firstName: 'Ana', lastName: 'Lima', locale: 'de', note: 'Rings twice' });
    const made = shopify.customers.byId.get(id);
    if (made !== undefined) shopify.customers.changeTags(made, ['vip', 'member:M000731'], 'add');
    made?.metafields.set('loyalty.level', 'gold');
    const settings = { ...shopify.settings, memberNoFrom: 'customerTag', memberNoKey: 'member:' };
    const { records: [listed = null] } = await list(null, ['email', 'phone', 'firstName', 'lastName', 'locale', 'note', 'metafields.loyalty.level'], context(settings));
    const { record } = mapRecord(orders, listed, settings);
    expect(record).toMatchObject({
      type: 'identify', occurredAt: NOW, profile: { email: 'ana@example.com', phone: '+493012345678', firstName: 'Ana', lastName: 'Lima', language: 'de', tags: ['member:M000731', 'vip'] }, consents: {},
    });
    expect(record?.identities).toEqual(expect.arrayContaining([{ namespace: 'customerId', value: `shopify:acme.myshopify.com:${id}` }, { namespace: 'email', value: 'ana@example.com' }, { namespace: 'memberNo', value: 'M000731' }]));
    expect((listed as { body: JsonObject }).body).toMatchObject({ note: 'Rings twice', metafields: [{ namespace: 'loyalty', key: 'level', value: 'gold' }] });
    const [webhook] = orders.records?.({ body: Buffer.from(JSON.stringify(shopify.outbox.at(-1)?.body)), headers: { 'x-shopify-topic': 'customers/update' }, query: {} }) ?? [];
    expect(mapRecord(orders, webhook ?? null, settings).record).toMatchObject({ occurredAt: NOW, identities: record?.identities.filter(({ namespace }) => namespace !== 'memberNo'), profile: { phone: '+493012345678', firstName: 'Ana' } });
  });

  it('keeps a page within what one request may cost, however many metafields are asked for', async () => {
    shopify.add({ email: 'ana@example.com' });
    await list(null, Array.from({ length: 60 }, (_, at) => `metafields.loyalty.m${at}`));
    expect(asked().variables.first).toBe(7);
    await list(null, Array.from({ length: 700 }, (_, at) => `metafields.loyalty.m${at}`));
    expect(asked().variables.first).toBe(1);
  });

  it('waits until the bucket holds what a page costs', async () => {
    shopify.bucket.available = 0;
    // A page of 100: each a customer, an address and a number.
    await expect(list(null)).rejects.toMatchObject({ name: RateLimited.name, retryAfterMs: 3_010 });
  });

  it.each<[string, FakeShopifyOptions, string[]]>([
    ['the scope', { scopes: ['write_customers'] }, ['phone']],
    ['protected customer data', { approved: null }, ['phone']],
    ['phone numbers, which are redacted', { approved: ['name', 'email'] }, ['firstName']],
    ['names, which are redacted', { approved: ['email', 'phone'] }, ['firstName']],
  ])('refuses by its code where the shop does not give %s, and never takes it for empty', async (_, options, fields) => {
    const failure = await ofShop(options, (shop) => list(null, fields, context({}, shop)).then(() => null, (error: unknown) => error));
    expect(failure).toMatchObject({ name: InvalidCredentials.name, code: 'INVALID_CREDENTIALS' });
    expect(JSON.stringify([(failure as Error).message, failure])).not.toMatch(/ana@|4930|partners\.shopify/);
  });

  it('asks for no name where none is compared, so that an app without them can list', async () => {
    const { records } = await ofShop({ approved: ['email', 'phone'] }, (shop) => list(null, ['phone'], context({}, shop)));
    expect(records).toHaveLength(1);
  });

  const page = (customers: unknown, more: object = {}) => ({ answer: { status: 200, json: { data: { customers }, ...more } } });
  const node = { id: 'gid://shopify/Customer/7001', tags: [], defaultEmailAddress: null, defaultPhoneNumber: null };
  const end = { hasNextPage: false, endCursor: null };
  it.each<[string, Parameters<FakeShopify['script']>[0], { name: string }]>([
    ['no customers', page(null), RetryableError],
    ['no page', page({ nodes: [node] }), RetryableError],
    ['a further page that nobody can ask for', page({ nodes: [node], pageInfo: { hasNextPage: true, endCursor: null } }), RetryableError],
    ['somebody without an id', page({ nodes: [node, { ...node, id: 'gid://shopify/Order/1' }], pageInfo: end }), RetryableError],
    ['somebody who is null', page({ nodes: [null], pageInfo: end }), RetryableError],
    ['a field that failed', page({ nodes: [node], pageInfo: end }, { errors: [{ message: 'x', path: ['customers', 'nodes', 0, 'defaultEmailAddress'], extensions: { code: 'TIMEOUT' } }] }), RetryableError],
    ['the whole redacted, without a code', page(null, { errors: [{ message: 'This app is not approved to access the Customer object. See https://partners.shopify.com.', path: ['customers'] }] }), InvalidCredentials],
    ['a wrong token', { answer: { status: 401, json: { errors: '[API] Invalid API key' } } }, InvalidCredentials],
    ['a server that fails', { answer: { status: 503 } }, RetryableError],
  ])('is no list: %s', async (_, fault, { name }) => {
    shopify.add({ email: 'ana@example.com' });
    shopify.script(fault);
    await expect(list(null)).rejects.toMatchObject({ name });
    expect(await listAll()).toHaveLength(1);
  });

  it('refuses a cursor that is none, as Shopify does', async () => {
    await expect(list('nonsense')).rejects.toMatchObject({ name: InvalidPayload.name, detail: 'Shopify refused the request: BAD_REQUEST.' });
  });
});

it.each<{ approved: FakeShopifyOptions['approved'] }>([{ approved: null }, { approved: ['name', 'email'] }, { approved: ['email', 'phone'] }, { approved: ['name', 'phone'] }])(
  'the connection test finds out that protected customer data is not given: %o', async ({ approved }) => {
    await ofShop({ approved }, async (shop) => {
      await expect(testConnection(context({}, shop))).rejects.toMatchObject({ name: InvalidCredentials.name, detail: expect.stringContaining('protected customer data') as unknown });
    });
  },
);
