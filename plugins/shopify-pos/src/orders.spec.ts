import { createHmac } from 'node:crypto';
import { InvalidSignature, MalformedBody, type JsonObject, type JsonValue } from '@firsthand/plugin-sdk';
import { mapRecord, testSource, type ExpectedRecord } from '@firsthand/plugin-testing';
import { customerDeleted, customerRedacted, customersMerged, emailConsentUpdated, smsConsentUpdated } from './fixtures/customer-topics.js';
import { customerUpdated } from './fixtures/customer-updated.js';
import { orderPaid } from './fixtures/order-paid.js';
import { refund } from './fixtures/refund.js';
import plugin from './index.js';
import { orders } from './orders.js';

const SHOP = 'acme.myshopify.com';
const connection = { shop: SHOP, secret: 'test-webhook-secret', country: 'DE' };

testSource(plugin, 'orders', {
  settings: connection,
  sign: (request) => ({ ...request, headers: { ...request.headers, 'x-shopify-hmac-sha256': createHmac('sha256', connection.secret).update(request.body).digest('base64') } }),
  fixtures: [
    {
      name: 'orders/paid', body: orderPaid, headers: { 'x-shopify-topic': 'orders/paid', 'x-shopify-shop-domain': SHOP },
      expected: { type: 'track', name: 'Order Completed', messageId: 'orders/paid:5540119421209', store: { storeId: '61237690521', registerId: '14' } },
    },
    {
      name: 'customers/update', body: customerUpdated, headers: { 'x-shopify-topic': 'customers/update', 'x-shopify-shop-domain': SHOP },
      expected: [{ type: 'identify', name: 'Profile Updated', consents: {} }, { consents: { emailMarketing: false } }, { consents: { smsMarketing: true } }],
    },
    {
      name: 'orders/updated with a refund', body: { ...orderPaid, refunds: [refund] }, headers: { 'x-shopify-topic': 'orders/updated', 'x-shopify-shop-domain': SHOP },
      expected: [{ name: 'Order Updated' }, { name: 'Order Refunded', messageId: 'refunds/create:929361462361' }],
    },
    {
      name: 'customers/merge', body: customersMerged, headers: { 'x-shopify-topic': 'customers/merge', 'x-shopify-shop-domain': SHOP, 'x-shopify-triggered-at': '2026-11-24T08:00:00.123456789Z' },
      expected: [{ type: 'alias', name: 'Identities Linked', messageId: 'customers/merge:6912345678901:6912345678902' }],
    },
  ],
});

function read(topic: string, body: JsonObject): JsonValue[] {
  return [...(orders.records?.({ body: Buffer.from(JSON.stringify(body)), headers: { 'x-shopify-topic': topic, 'x-shopify-shop-domain': SHOP, 'x-shopify-webhook-id': 'w-1', 'x-shopify-event-id': 'e-1' }, query: {} }) ?? [])];
}

function canonical(raw: JsonValue, settings: JsonObject = connection): ExpectedRecord {
  const { record, error } = mapRecord(orders, raw, settings);
  if (record === undefined) throw new Error(JSON.stringify(error));
  return record;
}

function map(topic: string, body: JsonObject, settings?: JsonObject): ExpectedRecord[] {
  return read(topic, body).map((raw) => canonical(raw, settings));
}

const EUR = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });

describe('signature', () => {
  const verify = orders.trigger.kind === 'webhook' ? orders.trigger.verify : undefined;
  const body = Buffer.from('{"id":1234567890,"email":"customer@example.com","total_price":"123.45"}');
  const request = (headers: Record<string, string>, bytes = body) => ({ method: 'POST', url: 'https://cdp.example.com/hooks/c', query: {}, body: bytes, headers: { 'x-shopify-shop-domain': SHOP, ...headers } });
  const signed = { 'x-shopify-hmac-sha256': 'QNyObTlKbMx2qDlPF/ZOZcBqg5OgPg+2oky3zldc0Gw=' };

  it('takes a published vector', () => {
    expect(() => verify?.(request(signed), connection, { now: 0 })).not.toThrow();
  });

  it.each([
    ['none', request({})],
    ['another secret', request({ 'x-shopify-hmac-sha256': createHmac('sha256', 'other').update(body).digest('base64') })],
    ['a truncated one', request({ 'x-shopify-hmac-sha256': 'QNyObTlKbMx2' })],
    ['a changed body', request(signed, Buffer.concat([body, Buffer.from(' ')]))],
    ['another shop', request({ ...signed, 'x-shopify-shop-domain': 'other.myshopify.com' })],
  ])('refuses %s', (_, wrong) => {
    expect(() => verify?.(wrong, connection, { now: 0 })).toThrow(InvalidSignature);
  });

  it('refuses everything while there is no secret', () => {
    const empty = { 'x-shopify-hmac-sha256': createHmac('sha256', '').update(body).digest('base64') };
    expect(() => verify?.(request(empty), { ...connection, secret: '' }, { now: 0 })).toThrow(InvalidSignature);
  });
});

describe('order', () => {
  it('is read with person, lines, store and money', () => {
    const [order, ...others] = map('orders/paid', orderPaid);
    expect(others).toEqual([]);
    expect(order).toMatchObject({ type: 'track', name: 'Order Completed', messageId: 'orders/paid:5540119421209', occurredAt: Date.UTC(2026, 10, 24, 8, 0, 3), flags: [] });
    expect(order?.identities).toEqual([
      { namespace: 'customerId', value: 'shopify:acme.myshopify.com:6912345678901' },
      { namespace: 'phone', value: '+493012345678' },
      { namespace: 'email', value: 'ana@example.com' },
    ]);
    expect(order?.order).toEqual({
      orderId: '5540119421209', orderNumber: '#1042', checkoutId: '36014830452825', status: 'paid', channel: 'store', currency: 'EUR', coupon: 'WELCOME',
      subtotal: EUR(11980), discount: EUR(1000), shipping: EUR(490), tax: EUR(1913), total: EUR(12470), paymentMethod: 'shopify_payments', shippingMethod: 'Ship to home',
      storeId: '61237690521', placedAt: '2026-11-24T08:00:05.000Z', paidAt: '2026-11-24T08:00:03.000Z',
      lines: [{ productId: '8012345671234', sku: 'RS-42-BLK', name: 'Running shoe', variant: 'black / 42', brand: 'Acme', quantity: 2, price: EUR(6490), discount: EUR(1000) }],
    });
    expect(order?.store).toEqual({ storeId: '61237690521', registerId: '14' });
    expect(order?.profile).toEqual({
      email: 'ana@example.com', phone: '+493012345678', firstName: 'Ana', lastName: 'Lima', street: 'Musterstr. 1', city: 'Berlin', region: 'Berlin',
      postalCode: '10115', country: 'DE', tags: ['vip', 'member:M000731'],
    });
    expect(order?.consents).toEqual({});
  });

  it('keeps neither payment details nor addresses of the network', () => {
    expect(JSON.stringify(read('orders/paid', orderPaid))).not.toMatch(/4242|203\.0\.113\.7|030 901820|tax_lines|price_set/);
  });

  it('is paid once, and changed as often as it changes', () => {
    const later = { ...orderPaid, updated_at: '2026-11-24T11:00:00+01:00' };
    expect(map('orders/paid', later)[0]?.messageId).toBe(map('orders/paid', orderPaid)[0]?.messageId);
    expect(map('orders/updated', later)[0]).toMatchObject({ name: 'Order Updated', messageId: 'orders/updated:5540119421209:2026-11-24T11:00:00+01:00', occurredAt: Date.UTC(2026, 10, 24, 10) });
    expect(map('orders/cancelled', { ...later, cancelled_at: '2026-11-24T10:59:00+01:00', cancel_reason: 'customer' })[0])
      .toMatchObject({ name: 'Order Cancelled', occurredAt: Date.UTC(2026, 10, 24, 9, 59), properties: { reason: 'customer' } });
  });

  it.each([
    ['JPY', '1200', 1200], ['KWD', '1.234', 1234],
  ])('counts %s in its minor unit', (currency, total_price, amountMinor) => {
    expect(map('orders/paid', { ...orderPaid, currency, total_price })[0]?.order?.total).toEqual({ amountMinor, currency });
  });

  it('of nobody, or of a test, gives nothing', () => {
    const walkIn = { ...orderPaid, customer: null, email: '', phone: null, note_attributes: [] };
    expect(read('orders/paid', walkIn)).toEqual([]);
    expect(read('orders/paid', { ...orderPaid, test: true })).toEqual([]);
    expect(read('orders/paid', { ...walkIn, note_attributes: [{ name: 'member_no', value: 'M1' }] })).toHaveLength(1);
  });

  it.each([
    ['noteAttribute', 'member_no', ['M000731']],
    ['noteAttribute', 'member', []],
    ['customerTag', 'member:', ['M000731']],
    ['metafield', 'loyalty.member_no', ['M000732']],
    ['', 'member_no', []],
    ['noteAttribute', '', []],
    ['customerTag', '', []],
  ])('takes the member number from %s "%s"', (memberNoFrom, memberNoKey, expected) => {
    const body = { ...orderPaid, metafields: [{ namespace: 'loyalty', key: 'member_no', value: 'M000732' }, { namespace: 'x', key: 'member_no', value: 'no' }] };
    const { identities } = map('orders/paid', body, { ...connection, memberNoFrom, memberNoKey })[0] as ExpectedRecord;
    expect(identities?.filter(({ namespace }) => namespace === 'memberNo').map(({ value }) => value)).toEqual(expected);
  });

  it("reads national phone numbers in the shop's country", () => {
    const body = { ...orderPaid, customer: { ...orderPaid.customer, phone: '030 12345678' } };
    expect(map('orders/paid', body)[0]?.identities).toContainEqual({ namespace: 'phone', value: '+493012345678' });
  });
});

describe('refund', () => {
  it('inside an order says whose it is and what was given back', () => {
    const [order, refunded] = map('orders/updated', { ...orderPaid, financial_status: 'partially_refunded', refunds: [refund] });
    expect(order?.name).toBe('Order Updated');
    expect(refunded).toMatchObject({
      name: 'Order Refunded', messageId: 'refunds/create:929361462361', occurredAt: Date.UTC(2026, 10, 25, 9, 0, 2), identities: order?.identities, flags: [],
      order: { orderId: '5540119421209', refunded: EUR(5990), status: 'partially_refunded' },
      properties: { total: EUR(5990), reason: 'too small', products: [{ productId: '8012345671234', sku: 'RS-42-BLK', name: 'Running shoe', quantity: 1 }] },
      store: { storeId: '61237690521' },
    });
    expect(refunded?.order).not.toHaveProperty('total');
  });

  it('by its own webhook has the same message id and names nobody', () => {
    const [raw] = read('refunds/create', refund);
    expect(mapRecord(orders, raw as JsonValue, connection).error?.code).toBe('MISSING_IDENTITY');
    expect(canonical({ ...(raw as JsonObject), order: { email: 'ana@example.com' } })).toMatchObject({ name: 'Order Refunded', messageId: 'refunds/create:929361462361' });
  });

  it('in two currencies has no total', () => {
    const transactions = [{ kind: 'refund', status: 'success', amount: '1.00', currency: 'EUR' }, { kind: 'refund', status: 'success', amount: '1.00', currency: 'USD' }];
    expect(map('orders/updated', { ...orderPaid, refunds: [{ ...refund, transactions }] })[1]?.order).not.toHaveProperty('refunded');
  });
});

describe('customer', () => {
  it('is a profile and its consents, each at the moment it was given', () => {
    const [profile, email, sms, ...others] = map('customers/update', customerUpdated);
    expect(others).toEqual([]);
    expect(profile).toMatchObject({ type: 'identify', name: 'Profile Updated', consents: {}, profile: { email: 'ana@example.com', firstName: 'Ana', city: 'Berlin' }, flags: [] });
    expect(email).toMatchObject({ name: 'Marketing Consent Updated', consents: { emailMarketing: false }, occurredAt: Date.UTC(2026, 10, 20, 7), profile: {} });
    expect(sms).toMatchObject({ consents: { smsMarketing: true }, occurredAt: Date.UTC(2025, 2, 1, 8), identities: profile?.identities });
  });

  it('says nothing of a field that is empty, which may never have been filled', () => {
    const [profile] = map('customers/update', { ...customerUpdated, first_name: null, phone: null });
    expect(Object.keys(profile?.profile ?? {})).toEqual(expect.not.arrayContaining(['firstName', 'phone']));
    expect(profile?.profile).toMatchObject({ email: 'ana@example.com' });
  });

  it('that changes otherwise repeats its consents as duplicates', () => {
    const idsOf = (updated_at: string) => map('customers/update', { ...customerUpdated, updated_at }).map(({ messageId }) => messageId);
    const [before, after] = [idsOf('2026-11-24T12:00:00+01:00'), idsOf('2026-11-25T12:00:00+01:00')];
    expect(after[0]).not.toBe(before[0]);
    expect(after.slice(1)).toEqual(before.slice(1));
    expect(new Set([...before, ...after]).size).toBe(4);
  });

  it.each(['not_subscribed', 'pending', 'invalid'])('in the state %s has decided nothing', (state) => {
    expect(map('customers/update', { ...customerUpdated, sms_marketing_consent: null, email_marketing_consent: { state } })).toHaveLength(1);
  });

  it('counts a refusal without a moment from now', () => {
    const [, email] = map('customers/update', { ...customerUpdated, email_marketing_consent: { state: 'unsubscribed', consent_updated_at: null } });
    expect(email).toMatchObject({ consents: { emailMarketing: false }, occurredAt: Date.UTC(2026, 10, 24, 11) });
  });

  it('that refuses twice without a moment refuses twice: between the two they may have agreed', () => {
    const refuse = (updated_at: string) => map('customers/update', { ...customerUpdated, updated_at, email_marketing_consent: { state: 'unsubscribed', consent_updated_at: null } })[1]?.messageId;
    expect(refuse('2026-11-24T12:00:00+01:00')).not.toBe(refuse('2026-11-25T12:00:00+01:00'));
    expect(refuse('2026-11-24T12:00:00+01:00')).toBe(refuse('2026-11-24T12:00:00+01:00'));
  });

  it.each([
    ['none at all', { consent_updated_at: null }],
    ['one that cannot be read', { consent_updated_at: 'last week' }],
  ])('that agreed at a moment of which there is %s, has not agreed as of now', (_, moment) => {
    const { created_at: _created, ...some } = customerUpdated;
    const [, email] = map('customers/update', { ...some, email_marketing_consent: { state: 'subscribed', opt_in_level: 'single_opt_in', ...moment } });
    expect(email).toMatchObject({ name: 'Marketing Consent Updated', consents: {} });
    const [told] = map('customers_email_marketing_consent/update', { ...emailConsentUpdated, email_marketing_consent: { state: 'subscribed', ...moment } });
    expect(told?.consents).toEqual({});
  });

  it("tells a consent by a topic of its own, as of the moment of the consent", () => {
    expect(map('customers_email_marketing_consent/update', emailConsentUpdated)).toMatchObject([
      { type: 'track', consents: { emailMarketing: true }, occurredAt: Date.UTC(2026, 10, 24, 8), identities: [{ namespace: 'customerId', value: `shopify:${SHOP}:6912345678901` }, { namespace: 'email', value: 'ana@example.com' }], flags: [] },
    ]);
    expect(map('customers_marketing_consent/update', smsConsentUpdated)).toMatchObject([
      { consents: { smsMarketing: false }, occurredAt: Date.UTC(2026, 10, 24, 8), identities: [{ namespace: 'customerId' }, { namespace: 'phone', value: '+493012345678' }], properties: { method: 'sms' } },
    ]);
    expect(map('customers_email_marketing_consent/update', { ...emailConsentUpdated, email_marketing_consent: { state: 'pending' } })).toEqual([]);
  });

  it('says one consent by whichever topic, once', () => {
    const { email_marketing_consent } = emailConsentUpdated;
    const [, byCustomer] = map('customers/update', { ...customerUpdated, email_marketing_consent });
    expect(map('customers_email_marketing_consent/update', emailConsentUpdated)[0]?.messageId).toBe(byCustomer?.messageId);
  });

  it('that was merged with another is known under both ids, when it is done', () => {
    expect(map('customers/merge', customersMerged)).toMatchObject([{
      type: 'alias', identities: [{ namespace: 'customerId', value: `shopify:${SHOP}:6912345678901` }, { namespace: 'customerId', value: `shopify:${SHOP}:6912345678902` }], profile: {}, flags: [],
    }]);
    expect(read('customers/merge', { ...customersMerged, status: 'failed' })).toEqual([]);
  });

  it('that staff deleted is deleted in the shop, and asked for nothing', () => {
    expect(map('customers/delete', customerDeleted)).toMatchObject([
      { type: 'delete', name: 'Profile Deleted', messageId: 'customers/delete:6912345678902', identities: [{ namespace: 'customerId', value: `shopify:${SHOP}:6912345678902` }], properties: { reason: 'deleted-in-shop' } },
    ]);
  });

  it('that asks to be forgotten asks for their privacy', () => {
    expect(map('customers/redact', customerRedacted)).toMatchObject([
      {
        type: 'delete', messageId: 'customers/redact:6912345678901', properties: { reason: 'privacy-request' },
        identities: [{ namespace: 'customerId', value: `shopify:${SHOP}:6912345678901` }, { namespace: 'email', value: 'ana@example.com' }],
      },
    ]);
  });
});

describe('what is refused', () => {
  it.each([
    ['an unknown topic', 'app/uninstalled', { id: 1 }],
    ['no topic', '', { id: 1 }],
    ['an order under the topic of a refund', 'refunds/create', orderPaid],
    ['a refund under the topic of an order', 'orders/paid', refund],
    ['an order under the topic of a customer', 'customers/update', orderPaid],
    ['a refund under the topic of a customer', 'customers/update', refund],
    ['a customer under the topic of a deletion', 'customers/delete', customerUpdated],
    ['a consent under the topic of a deletion', 'customers/delete', smsConsentUpdated],
    ['something else that was deleted', 'customers/delete', { id: 7, admin_graphql_api_id: 'gid://shopify/Product/7' }],
    ['an order under the topic of an erasure', 'customers/redact', orderPaid],
    ['a request for a copy under the topic of an erasure', 'customers/redact', { ...customerRedacted, orders_to_redact: undefined, orders_requested: [] } as unknown as JsonObject],
    ['a customer under the topic of a merge', 'customers/merge', customerUpdated],
    ['a customer under the topic of a consent', 'customers_email_marketing_consent/update', customerUpdated],
  ])('%s', (_, topic, body) => {
    expect(() => read(topic, body)).toThrow(MalformedBody);
  });

  it('a body that is no JSON', () => {
    expect(() => [...(orders.records?.({ body: Buffer.from('{'), headers: { 'x-shopify-topic': 'orders/paid' }, query: {} }) ?? [])]).toThrow(MalformedBody);
  });

  it('keeps the raw record beside topic and ids', () => {
    expect(read('orders/paid', orderPaid)[0]).toMatchObject({ topic: 'orders/paid', webhookId: 'w-1', eventId: 'e-1', shop: SHOP, kind: 'order', body: { id: orderPaid.id } });
  });
});
