import type { CanonicalRecord } from '../canonical/canonical-record.js';
import { activityKey } from './activity-key.js';
import type { PropertyCondition } from './condition.js';
import { activityKeysOf, compileTracked } from './tracked-activity.js';

const shoes: PropertyCondition = { path: 'order.lines.category', op: 'eq', value: 'shoes' };
const dear: PropertyCondition = { path: 'order.total', op: 'gte', value: 100 };

function record(overrides: Partial<CanonicalRecord>): CanonicalRecord {
  return {
    type: 'track', name: 'Order Completed', messageId: 'm1', occurredAt: 0, identities: [], profile: {}, properties: {}, consents: {}, context: {}, flags: [],
    ...overrides,
  };
}

describe('activityKey', () => {
  it('encodes the name, and marks conditions by a hash after #', () => {
    expect(activityKey('Order Completed')).toBe('Order Completed');
    expect(activityKey('*')).toBe('*');
    expect(activityKey('a.b$c#d')).toBe('a%2Eb%24c%23d');
    expect(activityKey('Order Completed', [shoes])).toMatch(/^Order Completed#[\w-]{16}$/);
  });

  it('gives equal sets of conditions one key, and different ones different keys', () => {
    expect(activityKey('A', [shoes, dear])).toBe(activityKey('A', [dear, shoes, { ...dear }]));
    expect(activityKey('A', [shoes])).toBe(activityKey('A', [{ value: 'shoes', op: 'eq', path: 'order.lines.category' }]));
    const keys = [activityKey('A', [shoes]), activityKey('A', [dear]), activityKey('A', [shoes, dear]), activityKey('A', [{ ...dear, value: '100' }]), activityKey('B', [shoes])];
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe('counters that keep more', () => {
  it('have keys of their own', () => {
    const keys = [activityKey('A'), activityKey('A', [], { sum: 'order.total.amountMinor' }), activityKey('A', [], { sum: 'order.tax.amountMinor' }), activityKey('A', [], { times: true }), activityKey('A', [shoes], { times: true })];
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('add up all numbers of a path exactly, and nothing else', () => {
    const sum = 'order.lines.price';
    const key = activityKey('Order Completed', [], { sum });
    const tracked = compileTracked([{ key, name: 'Order Completed', where: [], sum }]);
    const order = { lines: [{ price: 0.1 }, { price: 0.2 }, { price: '7' }, { price: [1, true, null] }, { price: 1e300 }, null] };
    expect(activityKeysOf(record({ order }), tracked)).toEqual(['Order Completed', '*', { key, amount: 13_000 }]);
    expect(activityKeysOf(record({}), tracked).at(-1)).toEqual({ key, amount: 0 });
  });

  it('keep the single times for sequences', () => {
    const key = activityKey('*', [], { times: true });
    expect(activityKeysOf(record({}), compileTracked([{ key, name: '*', where: [], times: true }]))).toEqual(['Order Completed', '*', { key, isTimed: true }]);
  });
});

describe('activityKeysOf', () => {
  const keyOf = (name: string, where: PropertyCondition[]) => ({ key: activityKey(name, where), name, where });
  const tracked = compileTracked([keyOf('Order Completed', [shoes]), keyOf('Order Completed', [shoes]), keyOf('Order Completed', [dear]), keyOf('*', [dear]), keyOf('Order Completed', [])]);

  it('gives the name, any, and each tracked counter whose conditions hold', () => {
    const order = { total: 120, lines: [{ category: 'bags' }, { category: 'shoes' }] };
    expect(activityKeysOf(record({ order }), tracked)).toEqual(['Order Completed', '*', activityKey('Order Completed', [shoes]), activityKey('Order Completed', [dear]), activityKey('*', [dear])]);
    expect(activityKeysOf(record({ order: { total: 5 } }), tracked)).toEqual(['Order Completed', '*']);
    expect(activityKeysOf(record({ name: 'Order Paid', order }), tracked)).toEqual(['Order Paid', '*', activityKey('*', [dear])]);
  });

  it('counts an event that is named * once', () => {
    expect(activityKeysOf(record({ name: '*', order: { total: 120 } }), tracked)).toEqual(['*', activityKey('*', [dear])]);
  });

  it.each(['page', 'screen'] as const)('counts a %s', (type) => {
    expect(activityKeysOf(record({ type, name: 'Page Viewed' }), tracked)).toEqual(['Page Viewed', '*']);
  });

  it.each(['identify', 'group', 'alias', 'delete'] as const)('does not count %s', (type) => {
    expect(activityKeysOf(record({ type, order: { total: 120 } }), tracked)).toEqual([]);
  });
});
