import { InvalidCredentials, InvalidPayload, RateLimited, RetryableError, type SendResult } from '@firsthand/plugin-sdk';
import { startFakeShopify, type FakeShopify } from '../../../../test/support/fake-shopify.js';
import { fetchHttpClient } from '../../../../test/support/fetch-http-client.js';
import { testConnection } from '../test-connection.js';
import { customer } from './customer.js';

const NOW = Date.UTC(2026, 10, 24, 8);
const log = { info: () => undefined, warn: () => undefined };
let clock: { now: number };
let shopify: FakeShopify;

beforeEach(async () => {
  clock = { now: NOW };
  shopify = await startFakeShopify({ now: () => clock.now, definitions: { 'loyalty.level': 'single_line_text_field' } });
});
afterEach(() => shopify.close());

type Payload = Parameters<NonNullable<typeof customer.sendBatch>>[0]['items'][number]['payload'];

const context = (settings: object = {}) => ({ settings: { ...shopify.settings, ...settings }, http: fetchHttpClient(), log, signal: new AbortController().signal, now: clock.now });
const itemsOf = <P>(payloads: readonly P[]) => payloads.map((payload, at) => ({ payload, idempotencyKey: `k${at}` }));
const send = async (...payloads: Payload[]): Promise<SendResult[]> => (await customer.sendBatch?.({ ...context(), items: itemsOf(payloads) })) ?? [];
const namesOf = (results: readonly SendResult[]): string[] => results.map((result) => (result.ok ? 'ok' : result.error.name));
const idOf = (id: number): string => `shopify:acme.myshopify.com:${id}`;

describe('customer', () => {
  it('makes a customer, and changes the same one on the next send', async () => {
    expect(namesOf(await send({ matchEmail: 'Ana@Example.com', email: 'Ana@Example.com', firstName: 'Ana', locale: 'de' }))).toEqual(['ok']);
    await send({ matchEmail: 'ana@example.com', lastName: 'Lima', phone: '+493012345678' });
    expect([...shopify.customers.byId.values()]).toMatchObject([{ email: 'ana@example.com', firstName: 'Ana', lastName: 'Lima', phone: '+493012345678', locale: 'de' }]);
  });

  it('knows a customer by the id of the shop, so that their address can change', async () => {
    const { id } = shopify.add({ email: 'old@example.com', firstName: 'Ana' });
    expect(namesOf(await send({ customerId: idOf(id), matchEmail: 'old@example.com', email: 'new@example.com' }))).toEqual(['ok']);
    expect(namesOf(await send({ matchEmail: 'new@example.com', email: 'newer@example.com' }))).toEqual(['ok']);
    expect([...shopify.customers.byId.values()]).toMatchObject([{ id, email: 'newer@example.com', firstName: 'Ana' }]);
  });

  it('empties what is null, leaves alone what is not there, and writes nothing where there is nothing', async () => {
    const { id } = shopify.add({ email: 'ana@example.com', firstName: 'Ana', lastName: 'Lima', note: 'Rings twice' });
    shopify.outbox.length = 0;
    await send({ customerId: idOf(id), lastName: null, note: null });
    expect(shopify.customers.byId.get(id)).toMatchObject({ firstName: 'Ana', lastName: null, note: null });
    shopify.outbox.length = 0;
    expect(namesOf(await send({ customerId: idOf(id), matchEmail: 'ana@example.com' }))).toEqual(['ok']);
    expect(shopify.outbox).toEqual([]);
  });

  it('finds who was merged or deleted under their address', async () => {
    const [kept, gone] = [shopify.add({ email: 'ana@example.com' }), shopify.add({ phone: '+493012345678' })];
    shopify.customers.merge(kept.id, gone.id);
    expect(namesOf(await send({ customerId: idOf(gone.id), matchEmail: 'ana@example.com', firstName: 'Ana' }))).toEqual(['ok']);
    expect(shopify.customers.byId.get(kept.id)).toMatchObject({ firstName: 'Ana', phone: '+493012345678' });
    shopify.customers.delete(kept.id);
    expect(namesOf(await send({ customerId: idOf(kept.id), matchEmail: 'ana@example.com', firstName: 'Ana' }))).toEqual(['ok']);
    expect([...shopify.customers.byId.values()]).toMatchObject([{ email: 'ana@example.com', firstName: 'Ana' }]);
  });

  it('never writes one person to another who has the same phone', async () => {
    const household = shopify.add({ email: 'bo@example.com', phone: '+493012345678', firstName: 'Bo' });
    const results = await send({ matchEmail: 'ana@example.com', matchPhone: '+493012345678', phone: '+493012345678', firstName: 'Ana' });
    expect(results).toMatchObject([{ ok: false, error: { name: InvalidPayload.name, detail: 'Shopify refused the customer: phone TAKEN.' } }]);
    expect(shopify.customers.byId.get(household.id)).toMatchObject({ firstName: 'Bo' });
    const till = shopify.add({ phone: '+493087654321' });
    expect(namesOf(await send({ matchEmail: 'ana@example.com', matchPhone: '+493087654321', firstName: 'Ana' }))).toEqual(['ok']);
    expect(shopify.customers.byId.get(till.id)).toMatchObject({ firstName: 'Ana' });
  });

  it('passes over the ids of another shop and of a till, and cannot make somebody of nothing', async () => {
    const { id } = shopify.add({ firstName: 'Bo' });
    const results = await send({ customerId: `shopify:other.myshopify.com:${id}`, firstName: 'Ana' }, { customerId: String(id), firstName: 'Ana' }, { customerId: `gid://shopify/Customer/${id}`, lastName: 'Lee' });
    expect(namesOf(results)).toEqual(['InvalidPayload', 'InvalidPayload', 'ok']);
    expect(shopify.customers.byId.get(id)).toMatchObject({ firstName: 'Bo', lastName: 'Lee' });
  });

  it('fails bad customers alone, and never repeats a value', async () => {
    const results = await send({ matchEmail: 'a@example.com', firstName: 'A' }, { matchEmail: 'b@example.com', locale: 'Klingon' }, { matchEmail: 'c@example.com', phone: '+1' }, { matchEmail: 'd@example.com' });
    expect(results).toMatchObject([{ ok: true }, { ok: false, error: { detail: 'Shopify refused the customer: locale INVALID.' } }, { ok: false, error: { detail: 'Shopify refused the customer: phone INVALID.' } }, { ok: true }]);
    expect(shopify.requests).toHaveLength(2);
  });

  it('writes metafields by the type of their definition or one that is named, and takes them away', async () => {
    const { id } = shopify.add({ email: 'ana@example.com' });
    await send({ customerId: idOf(id), metafields: { loyalty: { level: 'gold', points: { type: 'number_integer', value: 12 } } } });
    expect([...(shopify.customers.byId.get(id)?.metafields ?? [])]).toEqual([['loyalty.level', 'gold'], ['loyalty.points', '12']]);
    await send({ customerId: idOf(id), metafields: { loyalty: { level: null } } });
    expect([...(shopify.customers.byId.get(id)?.metafields ?? [])]).toEqual([['loyalty.points', '12']]);
    const results = await send({ customerId: idOf(id), metafields: { loyalty: { size: '42' } } }, { customerId: idOf(id), metafields: { loyalty: 'gold' } });
    expect(results).toMatchObject([{ ok: false, error: { detail: 'Shopify refused the metafields: type BLANK.' } }, { ok: false, error: { name: 'InvalidPayload' } }]);
  });

  it('waits until the bucket holds what a request costs', async () => {
    shopify.bucket.available = 0;
    shopify.bucket.restoreRate = 1;
    await expect(send({ matchEmail: 'ana@example.com' })).rejects.toMatchObject({ name: RateLimited.name, retryAfterMs: 2000 });
    expect(shopify.customers.byId.size).toBe(0);
    clock.now += 12_000;
    expect(namesOf(await send({ matchEmail: 'ana@example.com' }))).toEqual(['ok']);
  });

  it.each<[string, Parameters<FakeShopify['script']>[0], { name: string }]>([
    ['a denied scope', { answer: { status: 200, json: { errors: [{ message: 'ana@example.com', extensions: { code: 'ACCESS_DENIED' } }] } } }, InvalidCredentials],
    ['a failure of its own', { answer: { status: 200, json: { errors: [{ message: 'x', extensions: { code: 'INTERNAL_SERVER_ERROR' } }] } } }, RetryableError],
    ['an error without a code', { answer: { status: 200, json: { errors: [{ message: 'x' }] } } }, RetryableError],
    ['no data', { answer: { status: 200, json: {} } }, RetryableError],
    ['a frozen shop', { answer: { status: 402 } }, RetryableError],
    ['a locked shop', { answer: { status: 423 } }, RetryableError],
    ['a refusal for a while', { answer: { status: 430 } }, RateLimited],
    ['a reset connection', { reset: 'after' }, RetryableError],
  ])('throws for all: %s', async (_, fault, { name }) => {
    shopify.script(fault);
    await expect(send({ matchEmail: 'a@example.com' }, { matchEmail: 'b@example.com' })).rejects.toMatchObject({ name });
    expect(shopify.requests).toHaveLength(1);
  });

  it('tries again what failed of one customer alone', async () => {
    shopify.add({ email: 'b@example.com' });
    shopify.script({ answer: { status: 200, json: { data: { c0: null, c1: { id: 'gid://shopify/Customer/7001', defaultEmailAddress: null } }, errors: [{ message: 'x', path: ['c0'], extensions: { code: 'TIMEOUT' } }] } } });
    expect(namesOf(await send({ matchEmail: 'a@example.com', firstName: 'A' }, { matchEmail: 'b@example.com', firstName: 'B' }))).toEqual(['RetryableError', 'ok']);
    expect(shopify.customers.byId.get(7001)?.firstName).toBe('B');
  });
});

describe('erase', () => {
  const erase = async (...payloads: Payload[]): Promise<SendResult[]> => (await customer.erase?.({ ...context(), items: itemsOf(payloads) })) ?? [];

  it('asks the shop to erase who it has, and takes who is not there for erased', async () => {
    const { id } = shopify.add({ email: 'ana@example.com' });
    expect(namesOf(await erase({ matchEmail: 'Ana@example.com' }, { matchEmail: 'nobody@example.com' }, {}))).toEqual(['ok', 'ok', 'InvalidPayload']);
    expect([...shopify.customers.toErase]).toEqual([id]);
  });
});

describe('the connection test', () => {
  it('passes with the shop and the scopes, and without a token', async () => {
    await expect(testConnection(context())).resolves.toBeUndefined();
    await expect(testConnection(context({ accessToken: undefined }))).resolves.toBeUndefined();
    expect(shopify.requests).toHaveLength(2);
  });

  it.each<[string, object]>([['another token', { accessToken: 'x' }], ['another shop', { shop: 'other.myshopify.com' }]])('fails with %s', async (_, settings) => {
    await expect(testConnection(context(settings))).rejects.toMatchObject({ name: InvalidCredentials.name });
  });

  it('fails without a scope, and with a version there is not', async () => {
    const poor = await startFakeShopify({ scopes: ['read_customers'] });
    try {
      await expect(testConnection({ ...context(), settings: poor.settings })).rejects.toThrow('write_customers');
      await expect(testConnection(context({ apiVersion: '2019-01' }))).rejects.toMatchObject({ name: InvalidPayload.name });
    } finally {
      await poor.close();
    }
  });
});
