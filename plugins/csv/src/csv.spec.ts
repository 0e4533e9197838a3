import type { JsonObject, JsonValue } from '@firsthand/plugin-sdk';
import { mapRecord, testSource, type ExpectedRecord } from '@firsthand/plugin-testing';
import { contacts } from './contacts.js';
import { contactRow, receiptRow } from './fixtures/rows.js';
import plugin from './index.js';
import { receipts } from './receipts.js';

const connection: JsonObject = { country: 'CN', currency: 'CNY', dateOrder: 'dmy', offset: '+08:00' };

testSource(plugin, 'contacts', { settings: connection, fixtures: [{ body: contactRow, expected: { type: 'identify', name: 'Profile Updated', consents: {} } }] });
testSource(plugin, 'receipts', { settings: connection, fixtures: [{ body: receiptRow, expected: { name: 'Order Completed', messageId: 'receipt:hz-01:20261124-0042:2' } }] });

function map(source: typeof contacts, row: JsonValue, settings = connection): ExpectedRecord {
  const { record, error } = mapRecord(source, row, settings, Date.UTC(2026, 11, 1));
  if (record === undefined) throw new Error(JSON.stringify(error));
  return record;
}

const CNY = (amountMinor: number) => ({ amountMinor, currency: 'CNY' });

describe('contacts', () => {
  it('makes a profile of a row', () => {
    expect(map(contacts, contactRow)).toMatchObject({
      type: 'identify', name: 'Profile Updated', messageId: expect.stringMatching(/^h-/), occurredAt: Date.UTC(2026, 10, 24), consents: {}, flags: [],
      identities: [{ namespace: 'memberNo', value: 'M000731' }, { namespace: 'phone', value: '+8613912345678' }, { namespace: 'email', value: 'ana@example.com' }],
      profile: {
        email: 'ana@example.com', phone: '+8613912345678', firstName: 'Ana', lastName: 'Lima', gender: 'female', birthday: '1990-05-17', language: 'zh-CN',
        street: '88 Nanjing West Road', city: 'Shanghai', postalCode: '200041', country: 'CN', memberSince: '2025-03-02T08:00:00.000Z', membershipLevel: 'gold',
        loyaltyPoints: 1200, preferredStoreId: 'hz-01', tags: ['vip', 'newsletter'], source: 'spring-2026',
      },
    });
  });

  it('leaves out empty columns, and takes the moment of arrival without updated_at', () => {
    const { profile, occurredAt, flags } = map(contacts, { email: 'ana@example.com', city: '  ', tags: '', updated_at: '', loyalty_points: '' });
    expect(profile).toEqual({ email: 'ana@example.com' });
    expect(occurredAt).toBe(Date.UTC(2026, 11, 1));
    expect(flags).toEqual([]);
  });

  it.each([
    ['mdy', '05/17/1990', '1990-05-17'], ['dmy', '17.05.1990', '1990-05-17'], ['dmy', '1990-05-17', '1990-05-17'],
  ])('reads days in the order %s: %s', (dateOrder, birthday, expected) => {
    expect(map(contacts, { ...contactRow, birthday }, { ...connection, dateOrder }).profile?.birthday).toBe(expected);
  });

  it('flags what it cannot read', () => {
    const { flags, profile } = map(contacts, { ...contactRow, birthday: 'May', phone: '12', loyalty_points: 'many', gender: 'x', updated_at: 'soon', country: 'Atlantis' });
    expect(flags?.toSorted()).toEqual([
      'field-invalid:occurredAt', 'field-invalid:profile.birthday', 'field-invalid:profile.country', 'field-invalid:profile.gender',
      'field-invalid:profile.loyaltyPoints', 'field-invalid:profile.phone', 'identity-dropped:phone',
    ]);
    expect(profile).not.toHaveProperty('birthday');
  });
});

describe('receipts', () => {
  it('makes an order with one line of a row', () => {
    expect(map(receipts, receiptRow)).toMatchObject({
      type: 'track', name: 'Order Completed', messageId: 'receipt:hz-01:20261124-0042:2', occurredAt: Date.UTC(2026, 10, 24, 8), flags: [],
      identities: [{ namespace: 'memberNo', value: 'M000731' }, { namespace: 'phone', value: '+8613912345678' }],
      order: {
        orderId: '20261124-0042', channel: 'store', currency: 'CNY', storeId: 'hz-01', placedAt: '2026-11-24T08:00:00.000Z', total: CNY(300000), paymentMethod: 'wechat-pay',
        lines: [{ productId: 'p-507', sku: 'RS-42-BLK', name: 'Running shoe', category: 'Shoes', quantity: 2, price: CNY(129950), discount: CNY(10000), total: CNY(249900) }],
      },
      properties: { orderId: '20261124-0042', value: CNY(249900), sku: 'RS-42-BLK', category: 'Shoes', quantity: 2, storeId: 'hz-01' },
      store: { storeId: 'hz-01', name: 'Hangzhou West Lake', registerId: 'pos-3' },
    });
  });

  it('reads a decimal comma where the settings say so', () => {
    const row = { ...receiptRow, currency: 'eur', quantity: '0,5', unit_price: '1.299,50', line_total: '649,75', line_discount: '', receipt_total: '' };
    const { order, flags } = map(receipts, row, { ...connection, decimalComma: true });
    expect(order?.lines).toMatchObject([{ quantity: 0.5, price: { amountMinor: 129950, currency: 'EUR' }, total: { amountMinor: 64975, currency: 'EUR' } }]);
    expect(flags).toEqual([]);
    expect(map(receipts, row).flags).toContain('field-invalid:order.lines.price');
  });

  it('keeps the amount of a row of another currency exact', () => {
    expect(map(receipts, { ...receiptRow, currency: 'JPY', line_total: '1200' }).properties?.value).toEqual({ amountMinor: 1200, currency: 'JPY' });
  });

  it('has one line also without a line number, and then no id of its own', () => {
    const { order, messageId } = map(receipts, { ...receiptRow, line_no: '' });
    expect(order?.lines).toHaveLength(1);
    expect(messageId).toMatch(/^h-/);
  });
});
