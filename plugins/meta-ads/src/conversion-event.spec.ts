import { sha256Hex, type SendResult } from '@firsthand/plugin-sdk';
import { startFakeMeta, type FakeMeta } from '../../../test/support/fake-meta.js';
import { fetchHttpClient } from '../../../test/support/fetch-http-client.js';
import { conversionEvent } from './conversion-event.js';
import type { ConversionPayload } from './to-server-event.js';

const NOW = Date.UTC(2026, 10, 24, 8);
const SECONDS = NOW / 1000;
const log = { info: () => undefined, warn: () => undefined };
let meta: FakeMeta;

beforeEach(async () => void (meta = await startFakeMeta({ now: () => NOW })));
afterEach(() => meta.close());

async function send(payloads: readonly Partial<ConversionPayload>[], settings: object = {}): Promise<SendResult[]> {
  const items = payloads.map((payload, at) => ({ payload: { eventName: 'Product Viewed', eventTime: SECONDS, email: 'ana@example.com', ...payload }, idempotencyKey: `key-${at}` }));
  return (await conversionEvent.sendBatch?.({ settings: { ...meta.settings, ...settings }, http: fetchHttpClient(), log, signal: new AbortController().signal, now: NOW, items })) ?? [];
}

const namesOf = (results: readonly SendResult[]): string[] => results.map((result) => (result.ok ? 'ok' : result.error.name));

describe('conversion-event', () => {
  it('sends a purchase with hashes, products and its value', async () => {
    const results = await send([{
      eventName: 'Order Completed', eventTime: SECONDS - 60, eventId: 'evt-8f2c', actionSource: 'website', eventSourceUrl: 'https://shop.example.com/checkout',
      email: ' Ana@Example.com', phone: '+8613912345678', firstName: 'Ana', lastName: 'Lima', city: 'Shanghai', country: 'CN', externalId: 'u-20481',
      clientIpAddress: '203.0.113.7', clientUserAgent: 'Mozilla/5.0', fbc: 'fb.1.1766000000000.AbC', fbp: 'fb.1.1766000000000.123456789',
      value: 1158, currency: 'CNY', orderId: 'o-42', customData: { content_category: 'Shoes' },
      lines: [{ productId: 'p-507', sku: 'x', quantity: 2, price: { amountMinor: 59_900, currency: 'CNY' } }, { sku: 's-1', price: { amountMinor: 500, currency: 'JPY' } }, { name: 'no id' }],
    }]);
    expect(results).toEqual([{ ok: true }]);
    expect(meta.events).toEqual([{
      event_name: 'Purchase', event_time: SECONDS - 60, event_id: 'evt-8f2c', action_source: 'website', event_source_url: 'https://shop.example.com/checkout',
      user_data: {
        em: sha256Hex('ana@example.com'), ph: sha256Hex('8613912345678'), fn: sha256Hex('ana'), ln: sha256Hex('lima'), ct: sha256Hex('shanghai'), country: sha256Hex('cn'),
        external_id: sha256Hex('u-20481'), client_ip_address: '203.0.113.7', client_user_agent: 'Mozilla/5.0', fbc: 'fb.1.1766000000000.AbC', fbp: 'fb.1.1766000000000.123456789',
      },
      custom_data: {
        content_category: 'Shoes', value: 1158, currency: 'CNY', order_id: 'o-42', content_type: 'product',
        contents: [{ id: 'p-507', quantity: 2, item_price: 599 }, { id: 's-1', quantity: 1, item_price: 500 }],
      },
    }]);
    expect(JSON.stringify(meta.requests)).not.toMatch(/ana@|13912345678|u-20481/i);
    expect(meta.requests[0]).toMatchObject({ query: {}, headers: { authorization: `Bearer ${meta.settings.accessToken}` } });
  });

  it('sends the product of an event without lines, and names it does not know as they are', async () => {
    await send([{ eventName: 'Reservation Made', productId: 'p-1', productPrice: 18.99, quantity: 3, searchString: 'shoes' }]);
    expect(meta.events).toMatchObject([{ event_name: 'Reservation Made', action_source: 'other', custom_data: { search_string: 'shoes', contents: [{ id: 'p-1', quantity: 3, item_price: 18.99 }] } }]);
    expect(meta.events[0]).toMatchObject({ event_id: 'key-0' });
  });

  it('counts once what is sent twice, also after a reset', async () => {
    meta.script({ reset: 'after' });
    await expect(send([{}])).rejects.toMatchObject({ name: 'RetryableError' });
    await send([{}]);
    expect(meta.events).toHaveLength(1);
    expect(meta.eventsReceived()).toBe(2);
  });

  it('keeps back what would spoil the request, and sends the rest in one', async () => {
    const results = await send([
      {},
      { eventTime: SECONDS - 8 * 86_400 },
      { email: undefined },
      { eventName: 'Order Completed', value: 5 },
      { actionSource: 'website', eventSourceUrl: 'https://shop.example.com' },
      { eventTime: SECONDS + 3600, actionSource: 'physical_store' },
      { eventTime: SECONDS - 61 * 86_400, actionSource: 'physical_store' },
    ]);
    expect(namesOf(results)).toEqual(['ok', 'InvalidPayload', 'InvalidPayload', 'InvalidPayload', 'InvalidPayload', 'ok', 'ok']);
    expect(meta.requests).toHaveLength(1);
    expect(meta.events[1]).toMatchObject({ event_time: SECONDS });
  });

  it('asks Meta nothing when nothing can be sent', async () => {
    expect(namesOf(await send([{ email: undefined }]))).toEqual(['InvalidPayload']);
    expect(meta.requests).toHaveLength(0);
  });

  it('finds the event that Meta refuses', async () => {
    const results = await send([{}, {}, { customData: { value: -1 } }, {}, { eventName: 'x'.repeat(60) }]);
    expect(namesOf(results)).toEqual(['ok', 'ok', 'InvalidPayload', 'ok', 'InvalidPayload']);
    expect(meta.events).toHaveLength(3);
  });

  it('takes an answer that counts fewer events for a failure', async () => {
    meta.script({ answer: { status: 200, json: { events_received: 1 } } });
    meta.script({ answer: { status: 200, json: { events_received: 0 } } });
    expect(namesOf(await send([{}, {}]))).toEqual(['InvalidPayload', 'ok']);
  });

  it('marks test events', async () => {
    await send([{}], { testEventCode: 'TEST12345' });
    expect([meta.events.length, meta.testEvents.length]).toEqual([0, 1]);
  });

  it.each([
    ['token', () => meta.fail(190, { status: 401 }), 'InvalidCredentials'],
    ['rate', () => meta.rateLimit({ minutes: 2 }), 'RateLimited'],
    ['outage', () => meta.fail(2, { status: 500 }), 'RetryableError'],
  ])('throws for all: %s', async (_, trouble, name) => {
    trouble();
    await expect(send([{}, {}])).rejects.toMatchObject({ name });
    expect(meta.requests).toHaveLength(1);
  });

  it('stops when the connection names no dataset', async () => {
    await expect(send([{}], { pixelId: undefined })).rejects.toMatchObject({ name: 'InvalidCredentials' });
  });
});
