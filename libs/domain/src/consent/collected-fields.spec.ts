import { createDictionary } from '../canonical/index.js';
import type { CanonicalRecord } from '../canonical/index.js';
import { anonymise, keepCovered } from './collected-fields.js';
import type { Purpose } from './consent.js';

const record: CanonicalRecord = {
  type: 'track', name: 'Order Completed', messageId: 'm1', occurredAt: Date.parse('2026-03-01T12:34:56Z'), identities: [{ namespace: 'email', value: 'ana@example.com' }],
  profile: { city: 'Shanghai', 'custom.shoeSize': 38 }, properties: { coupon: 'SPRING', remark: 'Call Ana' },
  order: { orderId: 'o1', currency: 'CNY', total: { amountMinor: 100, currency: 'CNY' }, lines: [{ sku: 'S-1', name: 'Shirt' }, { sku: 'S-2' }] }, consents: { marketing: false }, context: { ip: '203.0.113.7', locale: 'zh-CN', page: { path: '/cart' } }, flags: ['occurred-at-clamped'],
};
const purpose = (...fields: string[]): Purpose => ({
  key: 'p', name: {}, description: {}, lawfulBasis: 'consent', lawfulBasisIn: {}, fields, dataCategories: [], separateConsent: [], channels: [], recipients: null, retentionDays: null, expiresAfterDays: null,
}) as unknown as Purpose;

describe('keepCovered', () => {
  it('gives back the record itself where all is covered', () => {
    expect(keepCovered(record, [purpose('*')])).toEqual({ record, withoutBasis: [] });
    const all = keepCovered(record, [purpose('profile.*'), purpose('event.*')]);
    expect(all.record).toBe(record);
  });

  it('keeps what any purpose covers, and names the rest once, through lists and trees', () => {
    const { record: kept, withoutBasis } = keepCovered(record, [purpose('profile.city'), purpose('event.order.lines.sku', 'event.context.page.*')]);
    expect(kept).toEqual({ ...record, profile: { city: 'Shanghai' }, properties: {}, order: { lines: [{ sku: 'S-1' }, { sku: 'S-2' }] }, context: { page: { path: '/cart' } } });
    expect(withoutBasis).toEqual(['profile.custom.shoeSize', 'event.properties.coupon', 'event.properties.remark', 'event.order.orderId', 'event.order.currency', 'event.order.total.amountMinor', 'event.order.total.currency', 'event.order.lines.name', 'event.context.ip', 'event.context.locale']);
  });

  it('keeps nothing but who, what and when without a purpose', () => {
    const { record: kept } = keepCovered(record, []);
    expect(kept).toEqual({ ...record, profile: {}, properties: {}, order: {}, context: {} });
  });
});

it('anonymise keeps what happened, to the hour, and what says nothing of a person', () => {
  expect(anonymise(record, createDictionary(), 'k3j')).toEqual({
    type: 'track', name: 'Order Completed', messageId: 'k3j', occurredAt: Date.parse('2026-03-01T12:00:00Z'), identities: [], profile: {}, properties: { coupon: 'SPRING' }, consents: {}, flags: [],
    order: { currency: 'CNY', lines: [{ sku: 'S-1', name: 'Shirt' }, { sku: 'S-2' }] }, context: { locale: 'zh-CN' },
  });
});
