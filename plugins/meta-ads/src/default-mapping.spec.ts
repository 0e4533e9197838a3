import { mapPayload } from '@firsthand/plugin-testing';
import { conversionEvent } from './conversion-event.js';
import { customAudience } from './custom-audience.js';

const OCCURRED = { type: 'track', messageId: 'm-1', occurredAt: '2026-11-24T08:00:00.000Z' };

function payloadOf(event: object): unknown {
  return mapPayload(conversionEvent, { event: { ...OCCURRED, ...event } });
}

describe('the default mapping of conversion-event', () => {
  it('reads an order with its amount in major units', () => {
    const order = { orderId: 'o-1', total: { amountMinor: 12_900, currency: 'CNY' }, lines: [{ productId: 'p-1', quantity: 1 }] };
    const context = { channel: 'web', userAgent: 'Mozilla/5.0', ip: '203.0.113.7', page: { url: 'https://shop.example.com/' }, clickIds: { fbc: 'fb.1.1766000000000.AbC', fbp: 'fb.1.1766000000000.1' } };
    expect(payloadOf({ name: 'Order Completed', order, context, properties: {} })).toEqual({
      ok: true,
      values: {
        eventName: 'Order Completed', eventTime: 1_795_507_200, eventId: 'm-1', actionSource: 'website', eventSourceUrl: 'https://shop.example.com/',
        email: 'ana@example.com', phone: '+8613912345678', firstName: 'Ana', lastName: 'Lima', city: 'Shanghai', country: 'CN', externalId: 'u-20481',
        clientIpAddress: '203.0.113.7', clientUserAgent: 'Mozilla/5.0', fbc: 'fb.1.1766000000000.AbC', fbp: 'fb.1.1766000000000.1',
        value: 129, currency: 'CNY', orderId: 'o-1', lines: order.lines,
      },
    });
  });

  it('reads a product event', () => {
    const properties = { productId: 'p-507', price: { amountMinor: 1899, currency: 'USD' }, quantity: 2 };
    expect(payloadOf({ name: 'Product Added', properties })).toMatchObject({
      ok: true, values: { productId: 'p-507', productPrice: 18.99, quantity: 2, value: 18.99, currency: 'USD', actionSource: 'other' },
    });
  });

  it.each([
    [{ channel: 'web', page: { url: 'https://shop.example.com/' } }, 'other'],
    [{ channel: 'web', userAgent: 'Mozilla/5.0' }, 'other'],
    [{ channel: 'store' }, 'physical_store'],
    [{ channel: 'crm' }, 'system_generated'],
    [{ channel: 'mini-program' }, 'other'],
    [{}, 'other'],
  ])('says of %j that it happened: %s', (context, actionSource) => {
    expect(payloadOf({ name: 'Signed Up', context })).toMatchObject({ ok: true, values: { actionSource } });
  });
});

it('the default mapping of custom-audience reads who the person is', () => {
  expect(mapPayload(customAudience, { profile: { firstName: 'Ana' } })).toEqual({
    ok: true, values: { email: 'ana@example.com', phone: '+8613912345678', externalId: 'u-20481', firstName: 'Ana' },
  });
});
