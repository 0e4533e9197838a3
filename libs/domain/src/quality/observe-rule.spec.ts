import type { CanonicalRecord } from '../canonical/canonical-record.js';
import type { ExpectationRule } from './expectation.js';
import { observeRule } from './observe-rule.js';
import { mappedType } from './read-field.js';

const record = (parts: Partial<CanonicalRecord> = {}): CanonicalRecord => ({
  type: 'track', name: 'Order Completed', messageId: 'm', occurredAt: 0, identities: [{ namespace: 'userId', value: 'u1' }], profile: { city: 'Shanghai', 'custom.size': 42 },
  properties: { coupon: 'WELCOME', quantity: 3, tags: [] }, order: { orderId: 'o-1', total: { amountMinor: 1_000, currency: 'CNY' }, tax: { amountMinor: 100, currency: 'USD' }, lines: [{ sku: 'a', quantity: 1 }, { quantity: 2 }] },
  consents: {}, context: {}, flags: ['field-invalid:order.placedAt'], ...parts,
});
const rate = { mostFailing: 0 };

it.each<[string, ExpectationRule, object | null]>([
  ['a field that is there', { kind: 'completeness', field: 'properties.coupon', ...rate }, { isFailed: false }],
  ['one that is not', { kind: 'completeness', field: 'properties.reason', ...rate }, { isFailed: true }],
  ['an empty list', { kind: 'completeness', field: 'properties.tags', ...rate }, { isFailed: true }],
  ['one that an entry of a list lacks', { kind: 'completeness', field: 'order.lines.sku', ...rate }, { isFailed: true }],
  ['one that every entry has', { kind: 'completeness', field: 'order.lines.quantity', ...rate }, { isFailed: false }],
  ['a field of the workspace’s own', { kind: 'completeness', field: 'profile.custom.size', ...rate }, { isFailed: false }],
  ['an identity', { kind: 'completeness', field: 'identities.userId', ...rate }, { isFailed: false }],
  ['an identity that it does not name', { kind: 'completeness', field: 'identities.email', ...rate }, { isFailed: true }],
  ['a null, for its rate', { kind: 'nullRate', field: 'properties.reason', baselineDays: 7, direction: 'up', mostChange: 0 }, { isFailed: true }],
  ['a number in range', { kind: 'range', field: 'properties.quantity', minimum: 3, maximum: 3, ...rate }, { isFailed: false }],
  ['a number out of it', { kind: 'range', field: 'properties.quantity', maximum: 2, ...rate }, { isFailed: true }],
  ['an amount of money', { kind: 'range', field: 'order.total', minimum: 1_001, ...rate }, { isFailed: true }],
  ['numbers of a list, of which one is out of range', { kind: 'range', field: 'order.lines.quantity', maximum: 1, ...rate }, { isFailed: true }],
  ['nothing, where there is no value', { kind: 'range', field: 'properties.value', minimum: 0, ...rate }, null],
  ['an allowed value', { kind: 'allowedValues', field: 'properties.coupon', values: ['WELCOME'], ...rate }, { isFailed: false }],
  ['another one', { kind: 'allowedValues', field: 'properties.coupon', values: ['AUTUMN'], ...rate }, { isFailed: true }],
  ['a text that matches', { kind: 'validity', field: 'properties.coupon', pattern: '[A-Z]+', ...rate }, { isFailed: false }],
  ['a text that matches in part only', { kind: 'validity', field: 'properties.coupon', pattern: '[A-Z]{3}', ...rate }, { isFailed: true }],
  ['a text of no such format', { kind: 'validity', field: 'properties.coupon', format: 'url', ...rate }, { isFailed: true }],
  ['a value that the dictionary did not take', { kind: 'validity', field: 'order.placedAt', ...rate }, { isFailed: true }],
  ['a smaller amount', { kind: 'crossField', left: 'order.total', operator: 'lte', right: 'order.total', ...rate }, { isFailed: false }],
  ['amounts of two currencies, which do not compare', { kind: 'crossField', left: 'order.tax', operator: 'lte', right: 'order.total', ...rate }, { isFailed: true }],
  ['equal values', { kind: 'crossField', left: 'order.orderId', operator: 'ne', right: 'order.orderId', ...rate }, { isFailed: true }],
  ['a field that another one requires', { kind: 'crossField', left: 'properties.coupon', operator: 'requires', right: 'order.orderId', ...rate }, { isFailed: false }],
  ['one that is required and not there', { kind: 'crossField', left: 'properties.coupon', operator: 'requires', right: 'properties.reason', ...rate }, { isFailed: true }],
  ['a value that must not come twice', { kind: 'uniqueness', field: 'order.orderId', withinHours: 1, ...rate }, { value: '"o-1"' }],
  ['a value that has to be known', { kind: 'reference', field: 'order.storeId', to: { event: 'Store Opened', field: 'store.storeId' }, keptDays: 1, ...rate }, null],
])('sees %s', (_, rule, expected) => {
  expect(observeRule(rule)(record(), {})).toEqual(expected);
});

it('sees the type that the mapping gave, whatever the dictionary made of it', () => {
  const observe = observeRule({ kind: 'typeDrift', field: 'order.total', baselineDays: 7, mostChange: 0 });
  expect([observe(record(), { 'order.total': 'text' }), observe(record(), {})]).toEqual([{ type: 'text' }, null]);
  const tree = { order: { total: '12.50', tax: { amountMinor: 1 }, lines: [{ price: 1 }, { price: '1' }], tags: ['a'] } };
  expect(['total', 'tax', 'lines.price', 'tags', 'none'].map((path) => mappedType(tree, ['order', ...path.split('.')]))).toEqual(['text', 'object', 'mixed', 'list', undefined]);
});
